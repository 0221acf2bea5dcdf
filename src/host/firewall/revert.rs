//! `tsctl firewall revert`.

use super::decide::{Event, Outcome};
use super::guardian;
use super::place::Place;
use super::settlement::waiting;
use super::work::{Left, Work};
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::status::Status;

/// Puts the former rules back without waiting for the end of the time.
pub(crate) fn run(place: &Place, streams: &mut Streams<'_>) -> Result<Status, Failure> {
    place.needs_root("revert")?;
    let store = place.store()?;
    let change = waiting(&store, "nothing is there to take back")?;
    let mut work = Work::by_hand(&store, &change);
    match work.go(Event::RevertAsked)? {
        Left::With(Outcome::Reverted) => {
            guardian::dismiss(&change);
            writeln!(streams.out, "The former rules are live again.")?;
            Ok(Status::Success)
        }
        Left::With(Outcome::Confirmed) => Err(Failure::Refused(
            "somebody has just confirmed the new rules: they stay".to_owned(),
        )),
        Left::With(_) => Err(Failure::Refused("nothing is there to take back".to_owned())),
        Left::ToGuardians => {
            let said = work
                .trouble
                .unwrap_or_else(|| "whoever loads the new rules has not ended".to_owned());
            Err(Failure::Program(format!(
                "the former rules are not all back yet; the guardians go on trying:\n{said}"
            )))
        }
    }
}
