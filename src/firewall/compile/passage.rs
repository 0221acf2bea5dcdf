//! What is decided about connections from one side of the host to another.

use crate::firewall::ruleset::Evidence;
use crate::model::{DefaultPolicy, FieldPath, FirewallZones, Zone};

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

impl<'a> Side<'a> {
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

    /// In this zone.
    pub(super) fn of(zone: &'a Zone) -> Self {
        Self {
            zone: Some(zone),
            ..Self::PLAIN
        }
    }

    /// The same side, on the tailnet interface or not.
    pub(super) fn on_tailnet(self, tailnet: bool) -> Self {
        Self { tailnet, ..self }
    }

    /// Whether both ends are in one zone.
    pub(super) fn is_same_zone(&self, other: &Side<'_>) -> bool {
        matches!((self.zone, other.zone), (Some(one), Some(other)) if one.name == other.name)
    }
}

/// What is decided about connections from one side to another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Passage<'a> {
    /// They pass.
    Open(Why<'a>),
    /// The routes for the tailnet decide.
    ByRoute,
    /// They do not pass.
    Closed(Why<'a>),
}

impl<'a> Passage<'a> {
    /// The decision, in the order that the documentation of forwarding gives.
    pub(super) fn between(zones: &FirewallZones, from: Side<'a>, to: Side<'a>) -> Self {
        let same = from.is_same_zone(&to);
        if same && !from.tailnet && !to.tailnet {
            return Self::Open(Why::InsideZone);
        }
        let mut ends = [from.zone, to.zone].into_iter().flatten();
        if let (Some(zone), false) = (ends.find(|zone| zone.deny_interzone), same) {
            return Self::Closed(Why::DenyInterzone(zone));
        }
        if let (Some(from), Some(to)) = (from.zone, to.zone)
            && let Some((_, origin)) = from.forward_to.iter().find(|(name, _)| *name == to.name)
        {
            return Self::Open(Why::Line(origin));
        }
        if from.tailnet {
            return Self::ByRoute;
        }
        if zones.default_policy == DefaultPolicy::Accept {
            return Self::Open(Why::LeftAlone);
        }
        if let Some(zone) = from.zone.filter(|zone| !zone.forward_to.is_empty()) {
            return Self::Closed(Why::NoOtherZone(zone));
        }
        if to.tailnet && from.zoned {
            return Self::Closed(Why::ToTailnet);
        }
        Self::Open(Why::LeftAlone)
    }
}

/// The reason of a decision. It becomes an [`Evidence`] only where it is kept: most pairs of zones have nothing to say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why<'a> {
    /// A line of the profile.
    Line(&'a FieldPath),
    /// Both ends are in one zone.
    InsideZone,
    /// The zone has `denyInterzone`.
    DenyInterzone(&'a Zone),
    /// The zone's `forwardTo` does not name the other one.
    NoOtherZone(&'a Zone),
    /// Zones reach the tailnet by `forwardTo` alone.
    ToTailnet,
    /// From the tailnet the routes decide.
    ByRoute,
    /// The zone says what may be reached in it.
    Narrowed(&'a Zone),
    /// The tailnet interface.
    Tailnet,
    /// Nobody spoke of it.
    LeftAlone,
    /// The next chain says so.
    Silent,
}

impl Why<'_> {
    pub(super) fn evidence(self) -> Evidence {
        match self {
            Self::Line(origin) => Evidence::of("", origin.clone()),
            Self::InsideZone => Evidence::note("inside a zone"),
            Self::DenyInterzone(zone) => Evidence::of("", zone.field("denyInterzone")),
            Self::NoOtherZone(zone) => Evidence::of("no other zone", zone.field("forwardTo")),
            Self::ToTailnet => Evidence::note("to the tailnet by forwardTo alone"),
            Self::ByRoute => Evidence::note("by route"),
            Self::Narrowed(zone) => Evidence::of("narrowed", zone.origin.clone()),
            Self::Tailnet => Evidence::note("the tailnet"),
            Self::LeftAlone => Evidence::note("left to others"),
            Self::Silent => Evidence::default(),
        }
    }
}
