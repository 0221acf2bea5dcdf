//! What people are told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::monitor::Moment;
use crate::monitor::diagnosis::{Layer, Notice};
use crate::net::WallTime;

/// Something that people are told when it begins and when it ends. The value itself is the key by which a message is
/// recognised as a repetition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alarm {
    /// A layer has failed.
    Layer(Layer),
    /// The node's key expires then; without it nothing works.
    KeyExpires(Moment),
    /// What is in force for the subject does not work.
    Failing(Subject),
    /// It does not work, and there is nothing better to move to.
    Stuck(Subject),
    /// Another setting than the wanted one is in force, by the machine's choice.
    Away(Subject),
    /// Somebody changed the preference by hand, and that is respected.
    ChangedByHand(Subject),
    /// A change was refused.
    Refused(Subject),
    /// The state cannot be written: no moves are made.
    StateUnwritable,
}

impl Alarm {
    /// The kinds of alarms beside those of the [layers](Layer::KINDS).
    pub const OWN_KINDS: [&str; 7] = [
        "key-expires",
        "failing",
        "stuck",
        "away",
        "changed-by-hand",
        "refused",
        "state-unwritable",
    ];

    /// Which kind of alarm it is, in one word for programs: of a layer, the kind of the layer. It never contains a name that
    /// others chose.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Layer(layer) => layer.kind(),
            Self::KeyExpires(_) => "key-expires",
            Self::Failing(_) => "failing",
            Self::Stuck(_) => "stuck",
            Self::Away(_) => "away",
            Self::ChangedByHand(_) => "changed-by-hand",
            Self::Refused(_) => "refused",
            Self::StateUnwritable => "state-unwritable",
        }
    }
}

impl From<Notice> for Alarm {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::KeyExpires(at) => Self::KeyExpires(at),
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(layer) => layer.fmt(f),
            Self::KeyExpires(at) => {
                write!(
                    f,
                    "the key of this node expires at {}",
                    WallTime::from_unix(at.as_millis() / 1_000)
                )
            }
            Self::Failing(subject) => write!(f, "{subject}: what is in force does not work"),
            Self::Stuck(subject) => write!(f, "{subject}: nothing works better"),
            Self::Away(subject) => write!(f, "{subject}: not the wanted one is in force"),
            Self::ChangedByHand(subject) => write!(f, "{subject}: changed by hand, and left so"),
            Self::Refused(subject) => write!(f, "{subject}: a change was refused"),
            Self::StateUnwritable => f.write_str("the state of the monitor cannot be written: it makes no moves"),
        }
    }
}
