//! `tsctl why`: why the monitor did what it did.
//!
//! [`decision_log`] reads what the monitor wrote down, [`story`] puts together what belongs together (a move and how it
//! ended), [`asked`] is the time that people type, [`draw`] shows what was [`seen`]. The monitor need not run.

mod asked;
mod decision_log;
mod draw;
mod seen;
mod story;
mod zone;

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::Args;

pub(crate) use self::decision_log::read;
pub(crate) use self::seen::trouble as reason;
use self::seen::{Question, WhySeen};
pub(crate) use self::zone::Zone;
use crate::host::failure::Failure;
use crate::host::monitor::STATE_DIRECTORY;
use crate::host::show::ShowArgs;
use crate::host::status::Status;
use crate::host::{Streams, clock};
use crate::net::TimeSpan;

/// How far back is looked where nothing else is said.
const DAY: TimeSpan = TimeSpan::constant_millis(86_400_000);
/// So many decisions where nothing else is said.
const USUAL: u16 = 10;

/// Say why the monitor did what it did
///
/// With --at: the decision nearest to that time, with what was measured, what else could have been done and why it was not,
/// and how it ended. Without: the last decision like that, and those before it in a line each. The monitor need not run; its
/// decision log is read, which only root may do.
///
/// TIME is 03:12 (the last time that it was so late), "2026-11-20 03:12", both in local time, or 2026-11-20T02:12:00Z.
///
/// The exit status is 0, or 3 where the decision log cannot be read.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// When it was
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How far back to look; without it 24h, and with --at everything that is there
    #[arg(long, value_name = "TIME")]
    since: Option<TimeSpan>,
    /// Only about this: exit-node, routes, tunnel, or the name of a service
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// At most so many decisions; 10, and 1 with --at
    #[arg(short = 'n', long, value_name = "NUMBER")]
    number: Option<NonZeroU16>,
    #[command(flatten)]
    show: ShowArgs,
    /// Where the monitor keeps its files
    #[arg(long, value_name = "DIR", default_value = STATE_DIRECTORY, hide = true)]
    state_dir: PathBuf,
}

impl Why {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let zone = Zone::of_host();
        let at = match &self.at {
            Some(typed) => match asked::moment(typed, clock::wall(), &zone) {
                Ok(moment) => Some(moment),
                Err(reason) => {
                    writeln!(streams.err, "tsctl: --at {typed:?}: {reason}")?;
                    return Ok(Status::Usage);
                }
            },
            None => None,
        };
        let question = Question {
            at,
            since: self.since.or(at.is_none().then_some(DAY)),
            subject: self.subject.clone(),
            most: usize::from(
                self.number
                    .map_or(if at.is_some() { 1 } else { USUAL }, NonZeroU16::get),
            ),
        };
        self.show.show(streams, || {
            let found = read(&self.state_dir);
            Ok(WhySeen::new(&found, &question, clock::wall(), zone.clone()))
        })
    }
}

#[cfg(test)]
mod tests;
