//! Why a move is not made.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::monitor::diagnosis::Layer;
use crate::monitor::{Level, Moment};
use crate::net::Prefix;

/// Why a subject is left as it is, although something is wrong or another setting would be better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// The monitor only reports (`enableAutoFailover = false`).
    OnlyReports,
    /// Moves are paused, until then or until resumed.
    Paused(Option<Moment>),
    /// A maintenance window is open, until then.
    Maintenance(Moment),
    /// Somebody chose what is in force, until then or until resumed.
    Chosen(Option<Moment>),
    /// A layer below has failed; no setting of this subject mends that.
    LowerLayer(Layer),
    /// Another move was made not long ago.
    Window(Moment),
    /// What is in force has not been so for long enough.
    Dwell(Moment),
    /// The one to return to has not been good for long enough.
    ReturnAfter(Moment),
    /// A change is being made.
    Moving,
    /// The state cannot be written.
    Unwritable,
    /// Nothing listed is better than what is in force. If something that is held becomes free at some time, then.
    NothingBetter(Option<Moment>),
}

impl Obstacle {
    /// When it is over, where that is known.
    pub fn until(&self) -> Option<Moment> {
        match self {
            Self::Paused(until) | Self::Chosen(until) | Self::NothingBetter(until) => *until,
            Self::Maintenance(until) | Self::Window(until) | Self::Dwell(until) | Self::ReturnAfter(until) => {
                Some(*until)
            }
            Self::OnlyReports | Self::LowerLayer(_) | Self::Moving | Self::Unwritable => None,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyReports => f.write_str("automatic failover is off"),
            Self::Paused(_) => f.write_str("moves are paused"),
            Self::Maintenance(_) => f.write_str("a maintenance window is open"),
            Self::Chosen(_) => f.write_str("somebody chose what is in force"),
            Self::LowerLayer(layer) => write!(f, "below it: {layer}"),
            Self::Window(_) => f.write_str("another move was made just now"),
            Self::Dwell(_) => f.write_str("it has not been in force for long enough"),
            Self::ReturnAfter(_) => f.write_str("the better one has not been good for long enough"),
            Self::Moving => f.write_str("a change is being made"),
            Self::Unwritable => f.write_str("the state cannot be written"),
            Self::NothingBetter(_) => f.write_str("nothing listed is better"),
        }
    }
}

/// Why a setting is not moved to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unfit {
    /// It is no better than what is in force.
    NotBetter(Level),
    /// It was left because it failed, and is held down until then.
    Held(Moment),
    /// It would take away the only way by which the operator gets in.
    OnlyWayIn,
    /// It would cut off this prefix, where nothing else leads.
    CutsOff(Prefix),
    /// It was good, and its last check was bad.
    Wavering,
    /// It cannot be measured, or has not been, and what is in force still carries traffic.
    NotMeasured,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBetter(level) => write!(f, "{}", level.name()),
            Self::Held(_) => f.write_str("held down"),
            Self::OnlyWayIn => f.write_str("it would close the only way in"),
            Self::CutsOff(prefix) => write!(f, "it would cut off {prefix}"),
            Self::Wavering => f.write_str("its last check was bad"),
            Self::NotMeasured => f.write_str("not measured"),
        }
    }
}
