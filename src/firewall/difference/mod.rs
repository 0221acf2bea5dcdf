//! What becomes reachable and what stops being reachable when one ruleset takes the place of another.
//!
//! Both are compared as sets of packets, over the whole space of interfaces, addresses, protocols and ports: what is let in
//! by other rules than before, in another order, or by two halves of a prefix, is no difference. New connections are meant,
//! as in [`exposure`](mod@super::exposure).
//!
//! What passes under further conditions (a source port) is a set of its own for each list of conditions; a packet that is
//! let in without them passes under them as well.

mod field;
mod forest;
mod packets;
mod region;

use std::collections::BTreeMap;

use self::packets::Packets;
use self::region::Region;
use super::exposure::{Exposure, Reach};
use super::ruleset::{Evidence, Hook};

/// What stands between the network and a host.
#[derive(Debug, Clone, Copy)]
pub enum Filter<'a> {
    /// There is no such host: nothing is reachable.
    NoHost,
    /// No zones: others decide, and everything may be reachable.
    NoZones,
    /// The zones.
    Zones(&'a Exposure),
}

/// What one filter lets in that another one does not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// To the host itself.
    pub admitted: Changes,
    /// Through the host.
    pub forwarded: Changes,
    /// From the host itself to others.
    pub sent: Changes,
}

/// What becomes different.
///
/// Each entry has the line that lets it in, in the new profile for what becomes reachable and in the old one for what stops
/// being so. Sources that both sides drop as [forged](Exposure::forged) may be named where that is shorter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// What becomes reachable.
    pub opened: Vec<Reach>,
    /// What stops being reachable.
    pub closed: Vec<Reach>,
}

impl Difference {
    /// What `new` lets in that `old` does not, and the other way round.
    pub fn between(old: Filter<'_>, new: Filter<'_>) -> Self {
        let mut packets = Packets::of(&[old, new].map(entries).concat());
        let changes = |packets: &mut Packets, hook: Hook| {
            let (old, new) = (Side::of(old, hook, packets), Side::of(new, hook, packets));
            Changes {
                opened: beyond(&new, &old, packets),
                closed: beyond(&old, &new, packets),
            }
        };
        Self {
            admitted: changes(&mut packets, Hook::Input),
            forwarded: changes(&mut packets, Hook::Forward),
            sent: changes(&mut packets, Hook::Output),
        }
    }

    /// Whether nothing becomes reachable or stops being so.
    pub fn is_empty(&self) -> bool {
        !self.widens() && !self.narrows()
    }

    fn all(&self) -> [&Changes; 3] {
        [&self.admitted, &self.forwarded, &self.sent]
    }

    /// Whether something becomes reachable.
    pub fn widens(&self) -> bool {
        self.all().iter().any(|changes| !changes.opened.is_empty())
    }

    /// Whether something stops being reachable.
    pub fn narrows(&self) -> bool {
        self.all().iter().any(|changes| !changes.closed.is_empty())
    }
}

/// Everything that a filter speaks of.
fn entries(filter: Filter<'_>) -> Vec<&Reach> {
    match filter {
        Filter::NoHost | Filter::NoZones => Vec::new(),
        Filter::Zones(exposure) => [
            &exposure.admitted,
            &exposure.forwarded,
            &exposure.sent,
            &exposure.forged,
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// One of the two that are compared.
struct Side {
    /// What lets something in, with what it lets in.
    entries: Vec<(Reach, Region)>,
    /// What is let in under these conditions; under none, what is let in for certain.
    all: BTreeMap<Vec<String>, Region>,
    /// What is dropped before.
    forged: Vec<(Reach, Region)>,
    /// All of that.
    never: Region,
}

impl Side {
    fn of(filter: Filter<'_>, hook: Hook, packets: &mut Packets) -> Self {
        let open = |note: &'static str| vec![Reach::everything(hook, Evidence::note(note))];
        let reaches = match filter {
            Filter::NoHost => Vec::new(),
            Filter::NoZones => open("no zones: left to NixOS's own firewall"),
            Filter::Zones(exposure) => match hook {
                Hook::Prerouting | Hook::Input => exposure.admitted.clone(),
                Hook::Forward if exposure.filters_forwarding => exposure.forwarded.clone(),
                Hook::Output if exposure.filters_sending => exposure.sent.clone(),
                Hook::Forward | Hook::Output | Hook::Postrouting => open("left to others"),
            },
        };
        let forged = match filter {
            Filter::Zones(exposure) if hook != Hook::Output => exposure.forged.clone(),
            _ => Vec::new(),
        };
        let forged: Vec<_> = forged.into_iter().map(|reach| with_region(reach, packets)).collect();
        let never = match filter {
            // What is forged for the other one is as far from getting in here.
            Filter::NoHost => packets.region(&Reach::everything(hook, Evidence::default())),
            _ => packets.any(forged.iter().map(|(_, region)| *region).collect()),
        };
        let mut sets: BTreeMap<Vec<String>, Vec<Region>> = BTreeMap::new();
        let mut entries = Vec::with_capacity(reaches.len());
        for reach in reaches {
            let region = packets.region(&reach);
            let region = packets.without(region, never);
            sets.entry(conditions(&reach)).or_default().push(region);
            entries.push((reach, region));
        }
        let all = sets
            .into_iter()
            .map(|(conditions, regions)| (conditions, packets.any(regions)));
        Self {
            all: all.collect(),
            entries,
            forged,
            never,
        }
    }

    /// What is let in under these conditions, also because it is let in without any.
    fn under(&self, conditions: &[String], packets: &mut Packets) -> Region {
        let set = |conditions: &[String]| self.all.get(conditions).copied().unwrap_or(Region::NOTHING);
        packets.or(set(&[]), set(conditions))
    }
}

fn with_region(reach: Reach, packets: &mut Packets) -> (Reach, Region) {
    let region = packets.region(&reach);
    (reach, region)
}

/// The conditions of an entry, whatever the order in which they were asked.
fn conditions(reach: &Reach) -> Vec<String> {
    let mut conditions = reach.conditions.clone();
    conditions.sort();
    conditions
}

/// What `one` lets in and `other` does not, each packet by the first entry that lets it in.
fn beyond(one: &Side, other: &Side, packets: &mut Packets) -> Vec<Reach> {
    let mut open: BTreeMap<&Vec<String>, Region> = BTreeMap::new();
    let certain = one.under(&[], packets);
    for (conditions, region) in &one.all {
        let before = other.under(conditions, packets);
        let mut left = packets.without(*region, before);
        // What is let in without conditions is said once.
        if !conditions.is_empty() {
            left = packets.without(left, certain);
        }
        open.insert(conditions, left);
    }
    let forged = forged_by_both(one, other, packets);
    let never = packets.and(one.never, other.never);
    let mut found = Vec::new();
    for (reach, region) in &one.entries {
        let Some(left) = open.get_mut(&conditions(reach)) else {
            continue;
        };
        let here = packets.and(*region, *left);
        if here.is_nothing() {
            continue;
        }
        *left = packets.without(*left, here);
        // All of it, but for what neither lets in.
        let named = packets.region(reach);
        let beside = packets.without(named, here);
        if packets.without(beside, never).is_nothing() {
            found.push(reach.clone());
        } else {
            found.extend(packets.entries(here, reach, &forged));
        }
    }
    found
}

/// The entries of what `one` drops as forged that `other` drops as well.
fn forged_by_both(one: &Side, other: &Side, packets: &mut Packets) -> Vec<Reach> {
    let both = one
        .forged
        .iter()
        .filter(|(_, region)| packets.without(*region, other.never).is_nothing());
    both.map(|(reach, _)| reach.clone()).collect()
}

#[cfg(test)]
mod tests;
