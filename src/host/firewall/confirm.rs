//! `tsctl firewall confirm`.

use super::decide::{Event, Outcome};
use super::guardian;
use super::place::Place;
use super::settlement::waiting;
use super::work::{Left, Work};
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::status::Status;

/// Keeps the new rules.
pub(crate) fn run(place: &Place, streams: &mut Streams<'_>) -> Result<Status, Failure> {
    place.needs_root("confirm")?;
    let store = place.store()?;
    let change = waiting(&store, "nothing waits to be confirmed")?;
    let mut work = Work::by_hand(&store, &change);
    match work.go(Event::ConfirmAsked)? {
        Left::With(Outcome::Confirmed) => {
            guardian::dismiss(&change);
            writeln!(streams.out, "Confirmed: the new rules stay.")?;
            Ok(Status::Success)
        }
        Left::With(Outcome::NotLoaded) => Err(Failure::Refused(format!(
            "the new rules are not loaded yet, or whoever loaded them was interrupted; unless they are confirmed later, the \
             former rules come back at {:#}",
            change.reverts
        ))),
        Left::With(Outcome::Reverting) | Left::ToGuardians => Err(Failure::Refused(
            "too late: the former rules are just being put back".to_owned(),
        )),
        Left::With(_) => Err(Failure::Refused("too late: the former rules are live again".to_owned())),
    }
}
