//! `tsctl firewall confirm`.

use super::decide::{Event, Outcome};
use super::guardian;
use super::place::Place;
use super::settlement::settlement;
use super::work::{Left, PATIENCE, Work};
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::status::Status;

/// Keeps the new rules.
pub(crate) fn run(place: &Place, streams: &mut Streams<'_>) -> Result<Status, Failure> {
    place.needs_root("confirm")?;
    let store = place.store()?;
    let nothing = |told: String| Err(Failure::Refused(format!("nothing waits to be confirmed{told}")));
    let Some((phase, change)) = store.current()? else {
        return nothing(String::new());
    };
    if !phase.is_pending() {
        return nothing(settlement(&store, phase, &change).map_or_else(String::new, |told| format!(": {told}")));
    }
    let mut work = Work {
        store: &store,
        change: &change,
        deadline: change.deadline,
        loading: None,
        patience: Some(PATIENCE),
        trouble: None,
    };
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
