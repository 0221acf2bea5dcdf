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
    /// A limit for all sources together is not used up.
    WithinLimit(Limit),
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
                write!(f, "the source is under its limit of {}", meter.limit)?;
                if evidence.note.is_empty() {
                    Ok(())
                } else {
                    write!(f, " ({})", evidence.note)
                }
            }
            Self::WithinLimit(limit) => write!(f, "all sources together are within {limit}"),
            Self::Not(selector, value) => write!(f, "{} is not {value}", selector.expression()),
        }
    }
}
