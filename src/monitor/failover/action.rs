//! What the machine wants done.

use serde::{Deserialize, Serialize};

use super::{Alarm, Setting, Subject};
use crate::monitor::Decision;

/// One thing to do. Those of one step are done in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write the state durably (a new file, `fsync(2)`, `rename(2)`), then go on; [`Event::Saved`](super::Event::Saved)
    /// follows. Where it cannot be written, the rest of the step's [`Apply`](Self::Apply) and
    /// [`RestartDaemon`](Self::RestartDaemon) is not carried out, and [`Event::SaveFailed`](super::Event::SaveFailed)
    /// says so.
    Save,
    /// Put these settings in force, in one edit of tailscaled's preferences where they are such;
    /// [`Event::Done`](super::Event::Done) with this number follows.
    Apply(u64, Vec<Setting>),
    /// Restart tailscaled; [`Event::Done`](super::Event::Done) with this number follows.
    RestartDaemon(u64),
    /// Read what is in force; [`Event::Seen`](super::Event::Seen) follows.
    ReadSettings,
    /// Write this into the decision log.
    Record(Box<Decision>),
    /// Tell people.
    Raise(Alarm),
    /// Tell people that it is over.
    Resolve(Alarm),
    /// Answer the command of this step.
    Answer(Answer),
    /// End the program.
    Exit,
}

/// What a command is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is done, or begun.
    Accepted,
    /// It is so already.
    Already,
    /// It is not done.
    Refused(Refusal),
}

/// Why a command is not obeyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// A move is under way; try again when it is done.
    Busy,
    /// The settings do not list it.
    NotListed(Setting),
    /// What is in force is not known yet: tailscaled has not been heard.
    NotSeen(Subject),
    /// It would take away the only way by which the operator gets in.
    OnlyWayIn(Setting),
    /// It only writes down what it would do, and would not end the choice either.
    Rehearses,
    /// The program is about to end.
    Stopping,
}
