//! `tsctl firewall guard`: what a guardian runs.

use clap::Args;

use super::change::ChangeId;
use super::decide::{Event, LOOK};
use super::guardian;
use super::store::{Store, write};
use super::work::Work;
use crate::host::clock;
use crate::host::failure::Failure;
use crate::host::status::Status;

/// Waits for the deadline of a change and puts the former rules back unless it is confirmed
#[derive(Debug, Args)]
pub(crate) struct Guard {
    /// The change
    #[arg(value_name = "ID", value_parser = str::parse::<ChangeId>)]
    id: ChangeId,
    /// Leave the session of who started this, and say that this guardian waits
    #[arg(long, value_name = "NUMBER")]
    waiting: Option<u8>,
}

impl Guard {
    pub(crate) fn run(&self, store: &Store) -> Result<Status, Failure> {
        let Some((_, change)) = store.change(&self.id)? else {
            return Ok(Status::Success);
        };
        if let Some(number) = self.waiting {
            rustix::process::setsid()
                .map_err(|error| Failure::Program(format!("failed to leave the session: {error}")))?;
            let process = std::process::id().to_string();
            write(&guardian::ready_file(store, &change, number), process.as_bytes())?;
        }
        // One after the other: the first is done, as a rule, before the second looks again.
        let place = u32::from(self.waiting.unwrap_or(1)).saturating_sub(1);
        let mut work = Work {
            store,
            change: &change,
            deadline: change.deadline.after(2 * LOOK * place),
            loading: None,
            patience: None,
            trouble: None,
        };
        // Nothing that fails is a reason to leave: nobody else will come.
        while let Err(failure) = work.go(Event::Woken) {
            store.note_trouble(&change.id, &failure.to_string());
            clock::sleep(LOOK);
        }
        Ok(Status::Success)
    }
}
