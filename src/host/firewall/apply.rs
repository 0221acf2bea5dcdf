//! `tsctl firewall apply`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::change::{Change, ChangeId, GuardianKind, VERSION};
use super::decide::{Event, LOOK, Outcome};
use super::guardian::{self, Wanted};
use super::nft::Nft;
use super::phase::Phase;
use super::place::Place;
use super::store::{FORMER, Lock, NEW, Store, write};
use super::table_file::{LIMIT, TableFile};
use super::table_name::TableName;
use super::work::{Left, Work};
use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::host::status::Status;
use crate::host::{Streams, clock};
use crate::net::TimeSpan;

/// How long the message has for reaching its reader (through a shell far away, perhaps) before the new rules decide
/// whether anything does.
const HEAD_START: Duration = Duration::from_millis(250);

/// How long a guardian that has just been dismissed may take to go, before somebody else's change is believed to be under way.
const GOING: Duration = Duration::from_secs(1);

/// Load a ruleset, and take it back unless it is confirmed in time
///
/// FILE must replace one table as a whole and touch nothing else: `add table inet tailwright`, `delete table inet
/// tailwright`, then `table inet tailwright { … }`. It is loaded in one step. The table that was there before comes back,
/// with its counters and the elements of its sets, unless `tsctl firewall confirm` is typed in time: also when this
/// terminal is closed, when tsctl is killed, or when tailscaled restarts meanwhile.
///
/// Confirm from a new connection. One that is open already proves nothing: rulesets let established connections go on.
///
/// While one change waits, no other can begin.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The ruleset, as for `nft -f`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How long the new rules wait to be confirmed, from 1s to 1h
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = confirm_time)]
    confirm: Duration,
    /// The table, in the family inet, that FILE replaces
    #[arg(long, value_name = "NAME", default_value = TableName::DEFAULT, value_parser = str::parse::<TableName>)]
    table: TableName,
    /// Who puts the former table back
    #[arg(long, value_enum, value_name = "WHO", default_value = "auto")]
    guardian: Wanted,
    /// End only when it is decided: with status 0 once the new rules are confirmed, with 1 once the former are back. Killing
    /// this changes nothing
    #[arg(long)]
    wait: bool,
}

fn confirm_time(written: &str) -> Result<Duration, String> {
    let span: TimeSpan = written.parse().map_err(|error| format!("{error}"))?;
    let span = Duration::from(span);
    if (Duration::from_secs(1)..=Duration::from_hours(1)).contains(&span) {
        Ok(span)
    } else {
        Err("from 1s to 1h".to_owned())
    }
}

/// What a change is made with, once it is clear that one can be made.
struct Means<'a> {
    place: &'a Place,
    store: &'a Store,
    nft: &'a Nft,
    loading: &'a Lock,
}

impl Apply {
    pub(crate) fn run(&self, place: &Place, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let text = self.read()?;
        let new = match TableFile::read(&text, &self.table) {
            Ok(new) => new,
            Err(faults) => {
                for fault in faults {
                    writeln!(streams.err, "tsctl: {}: {fault}", printable(&self.file))?;
                }
                return Ok(Status::Refused);
            }
        };
        place.needs_root(&format!("apply {}", printable(&self.file)))?;
        let nft = Nft::find()?;
        let store = place.store()?;
        store.create()?;
        let busy =
            || Failure::Refused("another change is being loaded or put back at this moment; try again".to_owned());
        let loading = patiently(|| store.lock_loading())?.ok_or_else(busy)?;
        if let Some((phase, change)) = store.current()?
            && phase.is_pending()
        {
            return Err(Failure::Refused(format!(
                "{} waits to be confirmed; first type `{}` or `{}`",
                printable(&change.file),
                place.command("confirm"),
                place.command("revert"),
            )));
        }
        patiently(|| Ok(store.is_quiet()?.then_some(())))?.ok_or_else(busy)?;
        let means = Means {
            place,
            store: &store,
            nft: &nft,
            loading: &loading,
        };
        let id = ChangeId::new(clock::now(), std::process::id());
        let done = self.replace(&means, &id, &new, streams);
        let phase = store.phase(&id)?;
        if matches!(phase, Some(Phase::Staged | Phase::Discarded)) {
            // Nothing is left behind of a change that never began.
            store.forget_one(&id);
        }
        if done.is_err() && phase.is_some_and(Phase::is_pending) {
            writeln!(
                streams.err,
                "tsctl: the former rules come back when the time is over, or with `{}`",
                place.command("revert")
            )?;
        }
        drop(loading);
        match done {
            Ok(Status::Success) if self.wait => wait(&store, &id, streams),
            done => done,
        }
    }

    fn read(&self) -> Result<String, Failure> {
        let fail = || Failure::file("read", &self.file);
        let file = File::open(&self.file).map_err(fail())?;
        let mut bytes = Vec::new();
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(fail())?;
        let refused = |what: &str| Failure::Refused(format!("{} {what}", printable(&self.file)));
        if bytes.len() as u64 > LIMIT {
            return Err(refused(&format!("is longer than {} MiB", LIMIT >> 20)));
        }
        String::from_utf8(bytes).map_err(|_| refused("is no text in UTF-8"))
    }

    fn replace(
        &self,
        means: &Means<'_>,
        id: &ChangeId,
        new: &TableFile,
        streams: &mut Streams<'_>,
    ) -> Result<Status, Failure> {
        let directory = means.store.stage(id)?;
        // From here on it is this copy that is checked and loaded, whatever becomes of FILE.
        let copy = directory.join(NEW);
        write(&copy, new.as_str().as_bytes())?;
        if let Err(said) = means.nft.check(&copy)? {
            let said = self.about_file(&said, &copy);
            return Err(Failure::Refused(format!("nft does not take this ruleset:\n{said}")));
        }
        let former = means.nft.save(&self.table, &directory.join(FORMER))?;
        let deadline = clock::now().after(self.confirm);
        let mut change = Change {
            version: VERSION,
            id: id.clone(),
            table: self.table.to_string(),
            had_table: !former.removes(),
            removes_table: new.removes(),
            file: std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone()),
            began: clock::wall(),
            reverts: clock::wall().after(self.confirm),
            deadline,
            guardian: self.guardian.kind(),
            nft: means.nft.path().to_owned(),
        };
        self.guard(means.store, &mut change, streams)?;
        self.announce(means.place, &change, streams)?;
        clock::sleep(HEAD_START);
        means.store.begin(id)?;
        let mut work = Work {
            loading: Some(means.loading),
            ..Work::by_hand(means.store, &change)
        };
        let left = work.go(Event::Guarded)?;
        let trouble = work.trouble.map(|said| self.about_file(&said, &copy));
        self.conclude(means.place, &change, left, trouble, streams)
    }

    /// Starts the guardians.
    fn guard(&self, store: &Store, change: &mut Change, streams: &mut Streams<'_>) -> Result<(), Failure> {
        store.describe(change)?;
        let started = guardian::start(store, change);
        if self.guardian == Wanted::Auto
            && change.guardian == GuardianKind::SystemdTimer
            && let Err(failure) = started
        {
            writeln!(
                streams.err,
                "tsctl: {failure}\ntsctl: two processes guard the change instead"
            )?;
            change.guardian = GuardianKind::Processes;
            store.describe(change)?;
            return guardian::start(store, change);
        }
        started
    }

    /// Says what will happen, while it can still be read.
    fn announce(&self, place: &Place, change: &Change, streams: &mut Streams<'_>) -> Result<(), Failure> {
        let (table, file, seconds) = (&self.table, printable(&self.file), self.confirm.as_secs_f64());
        let does = if change.removes_table {
            format!("Removing table inet {table}, as {file} says.")
        } else if change.had_table {
            format!("Replacing table inet {table} by {file}.")
        } else {
            format!("Loading table inet {table} from {file}; there is none now.")
        };
        let undone = if change.had_table {
            "the former table comes back"
        } else {
            "the table is removed again"
        };
        writeln!(
            streams.out,
            "{does}\n\
             At {:#}, {seconds} s from now, {undone} unless you confirm, whatever becomes of this terminal.\n\n  \
             to keep the new rules:       {}\n  \
             to go back at once:          {}\n\n\
             Confirm from a new connection: one that is open already proves nothing, it goes on as an established one.",
            change.reverts,
            place.command("confirm"),
            place.command("revert"),
        )?;
        streams.out.flush()?;
        Ok(())
    }

    fn conclude(
        &self,
        place: &Place,
        change: &Change,
        left: Left,
        trouble: Option<String>,
        streams: &mut Streams<'_>,
    ) -> Result<Status, Failure> {
        match (left, trouble) {
            (Left::With(Outcome::Loaded | Outcome::Confirmed), _) => {
                let confirm = place.command("confirm");
                writeln!(
                    streams.out,
                    "\nLoaded. Waiting for `{confirm}` until {:#}.",
                    change.reverts
                )?;
                Ok(Status::Success)
            }
            (Left::With(Outcome::Discarded | Outcome::Gone | Outcome::NotLoaded), _) => Err(Failure::Refused(format!(
                "{} s were over before anything was loaded; nothing was. Give more time with --confirm",
                self.confirm.as_secs_f64()
            ))),
            (Left::With(Outcome::Reverted), Some(said)) => Err(Failure::Program(format!(
                "nft failed to load the ruleset; the former rules are live. It said:\n{said}"
            ))),
            (Left::With(Outcome::Reverted | Outcome::Reverting), None) => Err(Failure::Refused(
                "the former rules were put back before the new ones were loaded".to_owned(),
            )),
            (Left::With(Outcome::Reverting) | Left::ToGuardians, trouble) => Err(Failure::Program(format!(
                "nft failed; the guardians go on putting the former rules back. It said:\n{}",
                trouble.unwrap_or_default()
            ))),
        }
    }

    /// What nft said about the copy of FILE, said of FILE.
    fn about_file(&self, said: &str, copy: &Path) -> String {
        said.replace(&*copy.to_string_lossy(), &printable(&self.file))
    }
}

/// Waits until the change is settled, and says how.
fn wait(store: &Store, id: &ChangeId, streams: &mut Streams<'_>) -> Result<Status, Failure> {
    loop {
        match store.phase(id)? {
            Some(Phase::Confirmed) => {
                writeln!(streams.out, "Confirmed: the new rules stay.")?;
                return Ok(Status::Success);
            }
            Some(phase) if phase.is_pending() => clock::sleep(LOOK),
            Some(_) => return Err(Failure::Refused("the former rules are live again".to_owned())),
            None => return Err(Failure::Refused("another change has begun meanwhile".to_owned())),
        }
    }
}

/// Asks until there is an answer, or nobody can be just going any more.
fn patiently<T>(mut ask: impl FnMut() -> Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    let until = clock::now().after(GOING);
    loop {
        let answer = ask()?;
        if answer.is_some() || clock::now() >= until {
            return Ok(answer);
        }
        clock::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_confirm_is_long_enough_and_not_for_ever() {
        for (written, seconds) in [("1s", 1), ("30s", 30), ("1m30s", 90), ("1h", 3_600)] {
            assert_eq!(confirm_time(written), Ok(Duration::from_secs(seconds)));
        }
        for bad in ["", "30", "999ms", "1h1s", "-1s", "0s", "365d"] {
            assert!(confirm_time(bad).is_err(), "{bad}");
        }
    }
}
