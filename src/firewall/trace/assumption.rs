//! What was taken for granted.

use std::fmt;

use crate::firewall::ruleset::{Evidence, Limit, Meter, ReversePath, Selector, Value};

/// Something that a rule asked and nobody had said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumption<'r> {
    /// The host knows a way back to the source.
    WayBack(ReversePath),
    /// The source has not used up its limit. The evidence says whose limit it is.
    UnderLimit(&'r Meter, &'r Evidence),
    /// A limit for all sources together is not used up. The evidence says what it limits.
    WithinLimit(Limit, &'r Evidence),
    /// A field that is not known has not this value.
    Not(Selector, &'r Value),
}

impl fmt::Display for Assumption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WayBack(ReversePath::Strict) => {
                f.write_str("the host's way back to the source is the interface that the packet came in by")
            }
            Self::WayBack(ReversePath::Loose) => f.write_str("the host has a way back to the source"),
            Self::UnderLimit(meter, evidence) => {
                write!(f, "the source is under its limit of {}{}", meter.limit, Note(evidence))
            }
            Self::WithinLimit(limit, evidence) => {
                write!(f, "all sources together are within {limit}{}", Note(evidence))
            }
            Self::Not(selector, value) => write!(f, "{} is not {value}", selector.expression()),
        }
    }
}

/// ` (…)`, where there is a note.
struct Note<'r>(&'r Evidence);

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.note.as_ref() {
            "" => Ok(()),
            note => write!(f, " ({note})"),
        }
    }
}
