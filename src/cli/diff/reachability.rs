//! What becomes reachable, host by host.

use std::collections::BTreeSet;

use super::side::{HostSide, Side};
use crate::firewall::Difference;
use crate::firewall::difference::Filter;
use crate::render::WayIn;

/// What is different about a host.
pub(super) struct HostDifference {
    pub(super) name: String,
    pub(super) presence: Presence,
    pub(super) difference: Difference,
    /// Ways by which the operator gets in that are open on the old side and closed on the new one.
    pub(super) closed_ways: Vec<WayIn>,
    /// Why it cannot be told what becomes reachable.
    pub(super) unreadable: Option<String>,
}

/// Where a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Both,
    New,
    Gone,
}

impl Presence {
    /// The word for it in data.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

impl HostDifference {
    /// Whether nothing is different, as far as that can be told.
    pub(super) fn is_empty(&self) -> bool {
        self.presence == Presence::Both && self.difference.is_empty() && self.closed_ways.is_empty()
    }

    fn of(name: String, old: Option<&HostSide>, new: Option<&HostSide>) -> Self {
        let presence = match (old, new) {
            (_, None) => Presence::Gone,
            (None, _) => Presence::New,
            _ => Presence::Both,
        };
        let mut host = Self {
            name,
            presence,
            difference: Difference::default(),
            closed_ways: Vec::new(),
            unreadable: None,
        };
        match (
            old.map_or(Ok(Filter::NoHost), HostSide::filter),
            new.map_or(Ok(Filter::NoHost), HostSide::filter),
        ) {
            (Err(why), _) | (_, Err(why)) => host.unreadable = Some(why.to_owned()),
            (Ok(before), Ok(after)) => {
                host.difference = Difference::between(before, after);
                if let (Some(old), Some(new)) = (old, new) {
                    let ways: BTreeSet<WayIn> = [old, new].into_iter().flat_map(|side| side.facts.ways_in()).collect();
                    let closes = |way: &WayIn| old.facts.is_open(way, before) && !new.facts.is_open(way, after);
                    host.closed_ways = ways.into_iter().filter(closes).collect();
                }
            }
        }
        host
    }
}

/// What is different, by the names of the hosts. Where each side has one host, the two are compared whatever their names.
pub(super) fn between(old: &Side, new: &Side) -> Vec<HostDifference> {
    if let ([(_, before)], [(name, after)]) = (&*pairs(old), &*pairs(new)) {
        return vec![HostDifference::of((*name).clone(), Some(before), Some(after))];
    }
    let names: BTreeSet<&String> = old.hosts.keys().chain(new.hosts.keys()).collect();
    names
        .into_iter()
        .map(|name| HostDifference::of(name.clone(), old.hosts.get(name), new.hosts.get(name)))
        .collect()
}

fn pairs(side: &Side) -> Vec<(&String, &HostSide)> {
    side.hosts.iter().collect()
}
