//! The decision log: what the machine did, and why, as data (`tsctl why`).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::diagnosis::Layer;
use super::failover::{Chosen, Setting, Subject, Unfit};
use super::{Fault, Level, Moment};

/// One entry of the decision log: one line of JSON each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum What {
    /// A move was decided; how it ended is an entry of its own with the same number.
    Move {
        /// The number of the action.
        token: u64,
        /// What was in force.
        from: Setting,
        /// What is to be in force.
        to: Setting,
        /// Why what was in force is left, or what is taken is better.
        why: Why,
        /// Every other setting that could have been taken, and why it was not.
        #[serde(default)]
        considered: Vec<Considered>,
        /// The layers that had failed at that time.
        #[serde(default)]
        layers: BTreeSet<Layer>,
    },
    /// The same, in a dry run: nothing was changed.
    Rehearsal {
        /// What is in force.
        from: Setting,
        /// What would have been put in force.
        to: Setting,
        /// Why.
        why: Why,
        /// Every other setting that could have been taken, and why it was not.
        #[serde(default)]
        considered: Vec<Considered>,
    },
    /// A move is done.
    Moved {
        /// The number of the action.
        token: u64,
        /// What was in force.
        from: Setting,
        /// What is in force now.
        to: Setting,
    },
    /// A move was not made.
    NotMoved {
        /// The number of the action.
        token: u64,
        /// What stays in force.
        from: Setting,
        /// What was to be put in force.
        to: Setting,
        /// Why it was not.
        reason: String,
    },
    /// tailscaled is restarted.
    Restart {
        /// The number of the action.
        token: u64,
        /// Why.
        why: Why,
    },
    /// How a restart of tailscaled ended.
    Restarted {
        /// The number of the action.
        token: u64,
        /// Why it did not work, where it did not.
        #[serde(default)]
        failed: Option<String>,
    },
    /// In a dry run: tailscaled would have been restarted.
    RestartRehearsal {
        /// Why.
        why: Why,
    },
    /// A setting was chosen, and is left alone from now on.
    Chosen {
        /// Who.
        by: Chosen,
        /// What was in force.
        from: Setting,
        /// What is in force, or is put in force.
        to: Setting,
        /// When that ends by itself.
        #[serde(default)]
        until: Option<Moment>,
    },
    /// Somebody else put in force what is wanted. It needs new evidence to be left again.
    PutBack {
        /// What was in force.
        from: Setting,
        /// What is in force.
        to: Setting,
    },
    /// A choice is over, and the machine decides again.
    ChoiceOver {
        /// What is in force.
        standing: Setting,
    },
    /// Moves are paused.
    Paused {
        /// Until then, or until resumed.
        #[serde(default)]
        until: Option<Moment>,
    },
    /// Moves are made again.
    Resumed,
    /// The program went on from a state in which a change was being made.
    TakenUp {
        /// What was in force before it.
        from: Setting,
        /// What it was to put in force.
        to: Setting,
    },
    /// The state could not be written.
    Unwritable,
}

/// Why something is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Why {
    /// What is in force does not work.
    Failing {
        /// How it is doing.
        level: Level,
        /// Since when.
        since: Moment,
        /// So many bad checks in a row.
        bad: u32,
        /// The last fault.
        #[serde(default)]
        fault: Option<Fault>,
    },
    /// What was moved to is worse than what was left: the move is undone.
    Worse {
        /// How what was moved to is doing.
        level: Level,
        /// How what was left was doing.
        left: Level,
    },
    /// A better one has been good for long enough.
    Better {
        /// Since when.
        since: Moment,
    },
    /// The wanted one cannot be measured from here, and has been left alone for long enough.
    TryAgain,
    /// The operator asked for it.
    Asked,
    /// The program is stopped.
    Stopped,
    /// The plan no longer lets the machine choose this.
    NoLongerPlanned,
}

/// A setting that could have been taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Considered {
    /// The setting.
    pub setting: Setting,
    /// How it was doing.
    pub level: Level,
    /// Why it was not taken; `None`: another one is ranked higher.
    #[serde(default)]
    pub unfit: Option<Unfit>,
}

impl What {
    /// The subject that it is about.
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Move { to, .. }
            | Self::Rehearsal { to, .. }
            | Self::Moved { to, .. }
            | Self::NotMoved { to, .. }
            | Self::Chosen { to, .. }
            | Self::PutBack { to, .. }
            | Self::TakenUp { to, .. } => Some(to.subject()),
            Self::ChoiceOver { standing } => Some(standing.subject()),
            Self::Restart { .. } | Self::Restarted { .. } | Self::RestartRehearsal { .. } => Some(Subject::Tunnel),
            Self::Paused { .. } | Self::Resumed | Self::Unwritable => None,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failing { level, bad, fault, .. } => {
                write!(f, "what was in force is {}, {bad} bad checks in a row", level.name())?;
                match fault {
                    Some(fault) => write!(f, ", the last: {fault}"),
                    None => Ok(()),
                }
            }
            Self::Worse { level, left } => write!(
                f,
                "what was moved to is {}, and what was left was {}",
                level.name(),
                left.name()
            ),
            Self::Better { .. } => f.write_str("the better one is good again"),
            Self::TryAgain => f.write_str("it is tried again after a while"),
            Self::Asked => f.write_str("the operator asked for it"),
            Self::Stopped => f.write_str("the monitor is stopped"),
            Self::NoLongerPlanned => f.write_str("the settings no longer allow what was in force"),
        }
    }
}

/// One sentence, without the time.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move { from, to, why, .. } => write!(f, "from {from} to {to}: {why}"),
            Self::Rehearsal { from, to, why, .. } => write!(f, "dry run: would go from {from} to {to}: {why}"),
            Self::Moved { from, to, .. } => write!(f, "{to} is in force instead of {from}"),
            Self::NotMoved { from, to, reason, .. } => write!(f, "{from} stays, {to} was not put in force: {reason}"),
            Self::Restart { why, .. } => write!(f, "restarts tailscaled: {why}"),
            Self::RestartRehearsal { why } => write!(f, "dry run: would restart tailscaled: {why}"),
            Self::Restarted { failed: None, .. } => f.write_str("tailscaled has been restarted"),
            Self::Restarted {
                failed: Some(reason), ..
            } => write!(f, "tailscaled could not be restarted: {reason}"),
            Self::Chosen { by, from, to, .. } => {
                let who = match by {
                    Chosen::Operator => "the operator chose",
                    Chosen::Hand => "somebody set by hand",
                };
                write!(f, "{who} {to} instead of {from}")
            }
            Self::PutBack { from, to } => write!(f, "somebody set {to} instead of {from}, as it is wanted"),
            Self::ChoiceOver { standing } => write!(f, "{standing} is no longer somebody's choice"),
            Self::Paused { .. } => f.write_str("moves are paused"),
            Self::Resumed => f.write_str("moves are made again"),
            Self::TakenUp { from, to } => write!(f, "was interrupted on the way from {from} to {to}, and goes on"),
            Self::Unwritable => f.write_str("the state cannot be written: no moves are made"),
        }
    }
}
