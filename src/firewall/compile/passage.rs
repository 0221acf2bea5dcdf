//! What is decided about connections from one side of the host to another.

use crate::firewall::ruleset::Evidence;
use crate::model::{DefaultPolicy, FirewallZones, Zone};

/// One end of a forwarded packet's way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    /// The zone, where it matters which.
    pub(super) zone: Option<&'a Zone>,
    /// Whether it is in a zone at all.
    pub(super) zoned: bool,
    /// Whether it is the tailnet interface of a host that forwards for the tailnet.
    pub(super) tailnet: bool,
}

impl Side<'_> {
    /// Outside all zones.
    pub(super) const OUTSIDE: Self = Self {
        zone: None,
        zoned: false,
        tailnet: false,
    };
    /// In some zone that says nothing of forwarding.
    pub(super) const PLAIN: Self = Self {
        zone: None,
        zoned: true,
        tailnet: false,
    };

    /// Whether both ends are in one zone.
    pub(super) fn is_same_zone(&self, other: &Side<'_>) -> bool {
        matches!((self.zone, other.zone), (Some(one), Some(other)) if one.name == other.name)
    }
}

/// What is decided about connections from one side to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passage {
    /// They pass.
    Open(Evidence),
    /// The routes for the tailnet decide.
    ByRoute(Evidence),
    /// They do not pass.
    Closed(Evidence),
}

impl Passage {
    /// The decision, in the order that the documentation of forwarding gives.
    pub(super) fn between(zones: &FirewallZones, from: Side<'_>, to: Side<'_>) -> Self {
        let same = from.is_same_zone(&to);
        if same && !from.tailnet && !to.tailnet {
            return Self::Open(Evidence::note("inside a zone"));
        }
        let denying = [from.zone, to.zone]
            .into_iter()
            .flatten()
            .find(|zone| zone.deny_interzone);
        if let (Some(zone), false) = (denying, same) {
            return Self::Closed(Evidence::of("", zone.field("denyInterzone")));
        }
        if let (Some(from), Some(to)) = (from.zone, to.zone)
            && let Some((_, origin)) = from.forward_to.iter().find(|(name, _)| *name == to.name)
        {
            return Self::Open(Evidence::of("", origin.clone()));
        }
        if from.tailnet {
            return Self::ByRoute(Evidence::note("by route"));
        }
        if zones.default_policy == DefaultPolicy::Accept {
            return Self::Open(left_alone());
        }
        if let Some(from) = from.zone.filter(|zone| !zone.forward_to.is_empty()) {
            return Self::Closed(Evidence::of("no other zone", from.field("forwardTo")));
        }
        if to.tailnet && from.zoned {
            return Self::Closed(Evidence::note("to the tailnet by forwardTo alone"));
        }
        Self::Open(left_alone())
    }
}

/// The evidence of what this table has no say in.
pub(super) fn left_alone() -> Evidence {
    Evidence::note("left to others")
}
