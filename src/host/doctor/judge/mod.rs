//! What the facts say. Each function here judges one check; none of them asks anything.

pub(super) mod kernel;
pub(super) mod machine;
pub(super) mod names;
pub(super) mod network;
pub(super) mod routing;
pub(super) mod services;
pub(super) mod tailscaled;

use super::check::Outcome;
use super::facts::Facts;
use crate::host::show::{Reason, State};
use crate::host::unknown::Unknown;
use crate::localapi::data::{BackendState, Prefs, Status};

/// Something that is broken, and what mends it.
fn down(text: impl Into<String>, command: impl Into<String>) -> Reason {
    Reason::new(State::Down, text).command(command)
}

/// Something that somebody should look at, and what mends it.
fn degraded(text: impl Into<String>, command: impl Into<String>) -> Reason {
    Reason::new(State::Degraded, text).command(command)
}

/// It cannot be told, and why.
fn untold(why: impl Into<String>) -> Outcome {
    Outcome::bad(Reason::new(State::CannotTell, why))
}

/// What looks at what only root may look at; whoever shows it adds the names of the checks.
pub(super) const AS_ROOT: &str = "sudo tsctl doctor";

/// It cannot be told, because of this.
fn unknown(why: &Unknown) -> Outcome {
    let reason = Reason::new(State::CannotTell, why.to_string());
    Outcome::bad(match why {
        Unknown::NeedsRoot => reason.command(AS_ROOT),
        Unknown::NotAsked | Unknown::Failed(_) => reason,
    })
}

/// What is said by a check that needs tailscaled, where it does not answer: the check `daemon` says why.
const UNANSWERED: &str = "tailscaled does not answer";
/// The same where it is not up: the check `login` says why.
const NOT_UP: &str = "this node is not connected";

/// What tailscaled says, where it answers.
fn status(facts: &Facts) -> Result<&Status, Outcome> {
    facts.tailscaled.status.as_ref().map_err(|_| untold(UNANSWERED))
}

/// What tailscaled says, where it is up.
fn running(facts: &Facts) -> Result<&Status, Outcome> {
    let status = status(facts)?;
    if status.backend_state == BackendState::Running {
        Ok(status)
    } else {
        Err(untold(NOT_UP))
    }
}

/// What tailscaled is told to do.
fn prefs(facts: &Facts) -> Result<&Prefs, Outcome> {
    facts.tailscaled.prefs.as_ref().ok_or_else(|| untold(UNANSWERED))
}

/// A judgement out of one that may end early.
fn judged(judge: impl FnOnce() -> Result<Outcome, Outcome>) -> Outcome {
    judge().unwrap_or_else(|early| early)
}

/// How many, with the right form of the word.
fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}
