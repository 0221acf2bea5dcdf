//! Why a ruleset has no answer.

use std::fmt;

use crate::firewall::ruleset::{Name, Selector};

/// Why a ruleset has no answer. The kernel would refuse to load it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A rule leads to a chain that is not there.
    NoChain(Name),
    /// A rule asks a map that is not there.
    NoMap(Name),
    /// A rule asks a set that is not there, or whose elements are none to compare with.
    NoSet(Name),
    /// Chains lead to each other more than 16 deep, as they do in a circle.
    TooDeep(Name),
    /// A field is compared with a value of another kind, or a map's element has not the map's fields.
    OtherKind(Selector),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChain(name) => write!(f, "there is no chain {name}"),
            Self::NoMap(name) => write!(f, "there is no map {name}"),
            Self::NoSet(name) => write!(f, "there is no set {name} of values"),
            Self::TooDeep(name) => write!(f, "chains lead to each other too deep, at {name}"),
            Self::OtherKind(selector) => write!(f, "{} is compared with another kind of value", selector.expression()),
        }
    }
}

impl std::error::Error for Fault {}
