//! What the machine is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Setting;
use crate::monitor::diagnosis::{Layer, Notice};
use crate::monitor::{Moment, Verdict};
use crate::net::{InterfaceName, Prefix};

/// What has just happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The program has started, with the [`State`](super::State) that it read from disk, or a new one. The first event, once.
    Started,
    /// A check of the way that a setting leads, whether that is in force or not.
    Measured(Setting, Verdict),
    /// The layers that have failed by themselves ([`Diagnosis::causes`](crate::monitor::diagnosis::Diagnosis::causes)).
    Diagnosed(BTreeSet<Layer>),
    /// What still works and will not for long ([`Diagnosis::notices`](crate::monitor::diagnosis::Diagnosis::notices)).
    Noticed(BTreeSet<Notice>),
    /// The interfaces that are up and have a carrier, each with the prefixes that are on its link.
    Links(BTreeMap<InterfaceName, BTreeSet<Prefix>>),
    /// Whether the local network is left out of what goes to an exit node, as tailscaled's preference says
    /// (`ExitNodeAllowLANAccess`).
    LanAccess(bool),
    /// The settings that are in force, as tailscaled and the host have them: one for each subject that could be read. Sent
    /// after [`Action::ReadSettings`](super::Action::ReadSettings) and whenever the bus reports a change.
    Seen(Vec<Setting>),
    /// How [`Action::Apply`](super::Action::Apply) or [`Action::RestartDaemon`](super::Action::RestartDaemon) with this
    /// number ended.
    Done(u64, Outcome),
    /// The state is on disk ([`Action::Save`](super::Action::Save)).
    Saved,
    /// The state could not be written. What was to be carried out after it in the same step was not; these numbers.
    SaveFailed(BTreeSet<u64>),
    /// The operator asks for something.
    Asked(Command),
    /// The settings have been read again: the [`Plan`](super::Plan) may be another one.
    Reloaded,
    /// Time has passed: the deadline of the last step is reached.
    Woken,
    /// The program is to end.
    Stop(Ending),
}

/// How something that was to be done ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// It was refused, and nothing has changed: permission, a locked configuration, an error of tailscaled. The reason, as
    /// a sentence for people with what to do.
    Refused(String),
    /// It was not even asked for, and nothing has changed: tailscaled could not be asked which node is meant, or was stopped on
    /// purpose. That says nothing against what was to be put in force. The reason, as a sentence for people with what to do.
    NotAsked(String),
    /// No answer came: it may be done or not. A [`Event::Seen`] will tell.
    Unanswered,
}

/// What the operator may ask for (`tsctl failover`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Make no moves, until then or until resumed.
    Pause(Option<Moment>),
    /// Make moves again: ends pauses and every override.
    Resume,
    /// Put this setting in force and leave it there, until then or until resumed.
    Switch(Setting, Option<Moment>),
    /// Go back to what the profile wants, now, whatever its health; ends overrides and forgets penalties.
    Restore,
}

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It is stopped or removed: what it changed is put back, unless the settings say otherwise.
    Stop,
    /// It starts again at once (an upgrade): everything stays, and the state on disk says how to go on.
    Restart,
}
