//! The change that waits, and how the last one ended, in a sentence.

use super::change::{Change, Reason};
use super::phase::Phase;
use super::store::Store;
use crate::host::failure::Failure;
use crate::host::program::printable;

/// How a change ended, in a sentence without its full stop; `None` where it never began or has not ended.
pub(crate) fn settlement(store: &Store, phase: Phase, change: &Change) -> Option<String> {
    let settled = store.settled(&change.id);
    let at = settled.map_or_else(String::new, |settled| format!(" at {}", settled.at));
    let did = match (phase, settled.map(|settled| settled.reason)) {
        (Phase::Confirmed, _) => format!("was confirmed{at}"),
        (Phase::Reverted, Some(Reason::TimeOver)) => format!("was taken back{at}: nobody had confirmed it"),
        (Phase::Reverted, Some(Reason::LoadFailed)) => format!("was taken back{at}: nft had failed to load it"),
        (Phase::Reverted, _) => format!("was taken back{at}"),
        _ => return None,
    };
    Some(format!("{} {did}", printable(&change.file)))
}

/// The change that waits to be confirmed. Without one, the command is refused: `nothing` says what it would have needed, and
/// how the last change ended is added.
pub(crate) fn waiting(store: &Store, nothing: &str) -> Result<Change, Failure> {
    match store.current()? {
        Some((phase, change)) if phase.is_pending() => Ok(change),
        Some((phase, change)) => {
            let told = settlement(store, phase, &change).map_or_else(String::new, |told| format!(": {told}"));
            Err(Failure::Refused(format!("{nothing}{told}")))
        }
        None => Err(Failure::Refused(nothing.to_owned())),
    }
}
