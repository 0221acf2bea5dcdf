//! `tsctl firewall pending`.

use std::io;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::change::{Change, GuardianKind, Reason};
use super::phase::Phase;
use super::place::Place;
use super::settlement::settlement;
use super::store::Store;
use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::host::status::Status;
use crate::host::{Streams, clock};

/// How long the guardians may take before something is wrong with them.
const LATE: Duration = Duration::from_secs(5);

/// Say whether a change waits to be confirmed, and how the last one ended
///
/// The exit status is 2 where one waits.
#[derive(Debug, Args)]
pub(crate) struct Pending {
    /// Say it as JSON: `pending` and `last`, each null or an object
    #[arg(long)]
    json: bool,
}

/// All that `--json` prints. Times are in UTC, spans in milliseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    pending: Option<Waiting<'a>>,
    last: Option<Ended<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Waiting<'a> {
    #[serde(flatten)]
    about: About<'a>,
    phase: &'static str,
    reverts: String,
    remaining_millis: u128,
    guardian: GuardianKind,
    /// What kept the former rules from coming back at the last trial.
    trouble: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended<'a> {
    #[serde(flatten)]
    about: About<'a>,
    outcome: &'static str,
    settled: Option<String>,
    reason: Option<Reason>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct About<'a> {
    id: String,
    file: String,
    table: &'a str,
    had_table: bool,
    removes_table: bool,
    began: String,
}

impl Pending {
    pub(crate) fn run(&self, place: &Place, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        place.needs_root("pending")?;
        let store = place.store()?;
        let current = store.current()?;
        let status = match &current {
            Some((phase, _)) if phase.is_pending() => Status::Pending,
            _ => Status::Success,
        };
        if self.json {
            let answer = answer(&store, current.as_ref());
            let text = serde_json::to_string_pretty(&answer).map_err(io::Error::from)?;
            writeln!(streams.out, "{text}")?;
            return Ok(status);
        }
        match &current {
            Some((phase, change)) if phase.is_pending() => waiting(place, &store, *phase, change, streams)?,
            Some((phase, change)) => match settlement(&store, *phase, change) {
                Some(told) => writeln!(streams.out, "Nothing waits to be confirmed. {told}.")?,
                None => writeln!(streams.out, "Nothing waits to be confirmed.")?,
            },
            None => writeln!(streams.out, "Nothing waits to be confirmed.")?,
        }
        Ok(status)
    }
}

fn waiting(place: &Place, store: &Store, phase: Phase, change: &Change, streams: &mut Streams<'_>) -> io::Result<()> {
    let (file, table) = (printable(&change.file), &change.table);
    let now = clock::now();
    let left = change.deadline.since(now);
    let confirmable = match phase {
        Phase::Loaded => {
            writeln!(
                streams.out,
                "{file} is live as table inet {table} and waits to be confirmed until {:#}, {} s from now.",
                change.reverts,
                left.as_secs()
            )?;
            true
        }
        Phase::Armed => {
            writeln!(
                streams.out,
                "{file} is being loaded as table inet {table}, or its loading was interrupted. The former rules come back \
                 at {:#}, {} s from now.",
                change.reverts,
                left.as_secs()
            )?;
            false
        }
        _ => {
            writeln!(
                streams.out,
                "{file} is being taken back: the former rules of table inet {table} are on their way."
            )?;
            false
        }
    };
    if confirmable {
        writeln!(
            streams.out,
            "\n  to keep the new rules:       {}",
            place.command("confirm")
        )?;
    }
    if phase != Phase::Reverting {
        writeln!(
            streams.out,
            "  to go back at once:          {}",
            place.command("revert")
        )?;
    }
    if let Some(trouble) = store.trouble(&change.id) {
        writeln!(streams.out, "\nThe last trial to put them back failed:\n{trouble}")?;
    }
    if now.since(change.deadline) > LATE {
        let revert = place.command("revert");
        writeln!(
            streams.out,
            "\nThat should have happened by now: the guardians may have been killed. `{revert}` does it."
        )?;
    }
    Ok(())
}

fn answer<'a>(store: &Store, current: Option<&'a (Phase, Change)>) -> Answer<'a> {
    let mut answer = Answer {
        pending: None,
        last: None,
    };
    let Some((phase, change)) = current else {
        return answer;
    };
    let about = About {
        id: change.id.to_string(),
        file: change.file.to_string_lossy().into_owned(),
        table: &change.table,
        had_table: change.had_table,
        removes_table: change.removes_table,
        began: change.began.to_string(),
    };
    if phase.is_pending() {
        answer.pending = Some(Waiting {
            about,
            phase: phase.name(),
            reverts: change.reverts.to_string(),
            remaining_millis: change.deadline.since(clock::now()).as_millis(),
            guardian: change.guardian,
            trouble: store.trouble(&change.id),
        });
    } else if matches!(phase, Phase::Confirmed | Phase::Reverted) {
        let settled = store.settled(&change.id);
        answer.last = Some(Ended {
            about,
            outcome: phase.name(),
            settled: settled.map(|settled| settled.at.to_string()),
            reason: settled.map(|settled| settled.reason),
        });
    }
    answer
}
