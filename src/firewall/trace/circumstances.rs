//! What decides beside the packet.

use std::collections::BTreeSet;

use crate::firewall::ruleset::{Name, ReversePath};

/// What a packet alone does not tell. By default nothing is known, and the harmless is assumed: a way back, and limits
/// that are not used up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Circumstances {
    /// Where the host's routes lead from it to the packet's source; `None` where that is not known.
    pub way_back: Option<WayBack>,
    /// Which limits per source are used up.
    pub limits: Limits,
}

/// A way back to the source of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayBack {
    /// By the interface that it came in by.
    SameInterface,
    /// By another one.
    OtherInterface,
    /// There is none.
    Nowhere,
}

impl WayBack {
    /// Whether a check of this kind misses it.
    pub fn is_missing(self, check: ReversePath) -> bool {
        match (self, check) {
            (Self::SameInterface, _) | (Self::OtherInterface, ReversePath::Loose) => false,
            (Self::OtherInterface, ReversePath::Strict) | (Self::Nowhere, _) => true,
        }
    }
}

/// Which limits per source are used up for the packet's source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Limits {
    /// That is not known; none is assumed to be.
    #[default]
    Unknown,
    /// All of them.
    UsedUp,
    /// Those whose buckets are in these sets, and no other.
    UsedUpIn(BTreeSet<Name>),
}
