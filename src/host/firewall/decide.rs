//! The guard's decisions: what comes next, from where the change stands, what has just happened and the time.
//!
//! No process remembers anything: the phase is read afresh before each decision, and every [`Action::Move`] names the
//! phase that it starts from. A move that finds the change elsewhere has lost a race; the same event is then decided
//! again. That is all that holds apply, confirm, revert and two guardians together, whichever of them dies when.

use std::time::Duration;

use super::moment::Moment;
use super::phase::Phase;

/// How often a guardian looks whether its change is settled already, and how long anybody waits before trying again.
pub const LOOK: Duration = Duration::from_millis(250);

/// What has just happened to one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// apply: the change is written down and its guardians are waiting.
    Guarded,
    /// apply: nft has said that the new rules are loaded.
    Loaded,
    /// apply: nft has failed, or ended without a word. Loading is one transaction, yet the answer to one that did happen
    /// can be lost (`ENOBUFS`), so that this does not say that the former rules are live.
    LoadFailed,
    /// confirm was typed.
    ConfirmAsked,
    /// revert was typed.
    RevertAsked,
    /// Time has passed: a guardian started, or an [`Action::Wait`] is over.
    Woken,
    /// nft has put the former rules back.
    Restored {
        /// Whether the loader of the new rules was known to be dead before that began: otherwise it may load yet.
        finally: bool,
    },
    /// nft could not put the former rules back (an interface that the rules name by index may be away just now).
    RestoreFailed,
}

/// One thing to do; those of one decision are done in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Take the change from one phase to the next, or decide again where it is not there any more.
    Move(Phase, Phase),
    /// Load the new rules; [`Event::Loaded`] or [`Event::LoadFailed`] follows.
    Load,
    /// Put the former rules back; [`Event::Restored`] or [`Event::RestoreFailed`] follows.
    Restore,
    /// Let time pass; [`Event::Woken`] follows.
    Wait(Duration),
    /// Nothing is left to do.
    End(Outcome),
}

/// How it ended for one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The new rules are live and wait to be confirmed.
    Loaded,
    /// The time was over before anything was loaded; nothing is.
    Discarded,
    /// The new rules stay.
    Confirmed,
    /// The former rules are live again.
    Reverted,
    /// The former rules are being put back by somebody else.
    Reverting,
    /// confirm came before the new rules were known to be live.
    NotLoaded,
    /// There is no such change.
    Gone,
}

/// What a process does next about a change that is in `phase` (`None`: there is no such change any more) and whose time
/// is over at `deadline`.
pub fn decide(phase: Option<Phase>, event: Event, now: Moment, deadline: Moment) -> Vec<Action> {
    use Action::{End, Load, Move, Restore, Wait};
    use Phase::{Armed, Confirmed, Discarded, Loaded, Reverted, Reverting, Staged};

    let Some(phase) = phase else {
        return vec![End(Outcome::Gone)];
    };
    let left = deadline.since(now);
    match (phase, event) {
        (Staged, Event::Guarded) if !left.is_zero() => vec![Move(Staged, Armed), Load],
        // Whoever moves it first decides whether anything is ever loaded.
        (Staged, Event::Guarded) => vec![Move(Staged, Discarded), End(Outcome::Discarded)],
        (Staged, Event::Woken) if left.is_zero() => vec![Move(Staged, Discarded), End(Outcome::Discarded)],
        (Staged | Armed | Loaded, Event::Woken) if !left.is_zero() => vec![Wait(left.min(LOOK))],
        (Staged, _) => vec![End(Outcome::Gone)],

        (Armed, Event::Loaded) => vec![Move(Armed, Loaded), End(Outcome::Loaded)],
        (Armed, Event::Guarded | Event::ConfirmAsked) => vec![End(Outcome::NotLoaded)],
        (Loaded, Event::ConfirmAsked) => vec![Move(Loaded, Confirmed), End(Outcome::Confirmed)],
        (Loaded, Event::Loaded | Event::Guarded) => vec![End(Outcome::Loaded)],
        (Armed | Loaded, _) => vec![Move(phase, Reverting), Restore],

        (Reverting, Event::Restored { finally: true }) => vec![Move(Reverting, Reverted), End(Outcome::Reverted)],
        (Reverting, Event::Restored { finally: false } | Event::RestoreFailed) => vec![Wait(LOOK)],
        (Reverting, Event::Woken | Event::RevertAsked | Event::LoadFailed) => vec![Restore],
        (Reverting, Event::Guarded | Event::Loaded | Event::ConfirmAsked) => vec![End(Outcome::Reverting)],

        (Reverted, _) => vec![End(Outcome::Reverted)],
        (Confirmed, _) => vec![End(Outcome::Confirmed)],
        (Discarded, _) => vec![End(Outcome::Discarded)],
    }
}

#[cfg(test)]
mod tests;
