//! Packets as points, and entries as sets of them.

use std::collections::BTreeSet;

use super::field;
use super::forest::Forest;
use super::region::{Region, Regions, Segment};
use crate::firewall::exposure::{Addresses, Interfaces, Kind, Reach, Traffic, joined};
use crate::firewall::ruleset::Family;

/// Sets of packets. A packet is a point with six fields: the interface that it comes in by, its family, its source, the
/// interface that it leaves by, its destination, and what it is.
#[derive(Debug)]
pub(super) struct Packets {
    forest: Forest,
    regions: Regions,
}

/// Packets that are alike in every field.
#[derive(Debug, Clone, Default)]
struct Rows {
    input: Vec<Segment>,
    family: Vec<Segment>,
    source: Vec<Segment>,
    output: Vec<Segment>,
    destination: Vec<Segment>,
    traffic: Vec<Segment>,
}

impl Packets {
    /// Sets of packets that these entries tell apart.
    pub(super) fn of(entries: &[&Reach]) -> Self {
        let everything = Interfaces::outside_loopback();
        let named = entries.iter().flat_map(|reach| [&reach.input, &reach.output]);
        Self {
            forest: Forest::of(named.chain([&everything])),
            regions: Regions::default(),
        }
    }

    /// The packets of an entry, whatever its conditions.
    pub(super) fn region(&mut self, reach: &Reach) -> Region {
        let output = self.forest.segments(&reach.output);
        let families = Family::ALL.map(|family| {
            let traffic = field::of_traffic(&reach.traffic, family);
            let destination = field::of_addresses(&reach.destination, family);
            let source = field::of_addresses(&reach.source, family);
            let mut region = Region::ALL;
            for segments in [&traffic, &destination, &output, &source] {
                region = self.regions.node(segments.iter().map(|segment| (*segment, region)));
            }
            let number = field::family(family);
            ((number, number), region)
        });
        let family = self.regions.node(families);
        let input = self.forest.segments(&reach.input);
        self.regions.node(input.into_iter().map(|segment| (segment, family)))
    }

    /// What is in both.
    pub(super) fn and(&mut self, one: Region, other: Region) -> Region {
        self.regions.and(one, other)
    }

    /// What is in one of them.
    pub(super) fn or(&mut self, one: Region, other: Region) -> Region {
        self.regions.or(one, other)
    }

    /// What is in `one` and not in `other`.
    pub(super) fn without(&mut self, one: Region, other: Region) -> Region {
        self.regions.without(one, other)
    }

    /// What is in any of them.
    pub(super) fn any(&mut self, all: Vec<Region>) -> Region {
        self.regions.any(all)
    }

    /// A part of what `reach` lets in, as entries with its reasons. Where it is shorter, sources are added that are
    /// `forged`.
    pub(super) fn entries(&self, region: Region, reach: &Reach, forged: &[Reach]) -> Vec<Reach> {
        let mut rows = Vec::new();
        self.rows(region, &Rows::default(), 0, &mut rows);
        let mut found = Vec::new();
        for row in rows {
            for input in self.forest.interfaces(&row.input) {
                for output in self.forest.interfaces(&row.output) {
                    let (source, destination, traffic) = row.sides();
                    let mut entry = Reach {
                        input: input.clone(),
                        source,
                        output,
                        destination,
                        traffic,
                        ..reach.clone()
                    };
                    self.shorten(&mut entry, forged);
                    found.push(entry);
                }
            }
        }
        let mut found = joined(found);
        for entry in &mut found {
            let families = entry.source.ranges().into_iter().map(|range| range.family());
            match families
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .as_slice()
            {
                [Family::Ipv4] => entry.traffic.forget_unless_everything(Kind::Icmpv6),
                [Family::Ipv6] => entry.traffic.forget_unless_everything(Kind::Icmp),
                _ => {}
            }
        }
        found
    }

    fn rows(&self, region: Region, so_far: &Rows, depth: usize, found: &mut Vec<Rows>) {
        let parts = self.regions.parts(region);
        if parts.is_empty() {
            found.push(so_far.clone());
            return;
        }
        let mut groups: Vec<(Region, Vec<Segment>)> = Vec::new();
        for (segment, below) in parts {
            match groups.iter_mut().find(|(other, _)| other == below) {
                Some((_, segments)) => segments.push(*segment),
                None => groups.push((*below, vec![*segment])),
            }
        }
        for (below, segments) in groups {
            let mut row = so_far.clone();
            let field = match depth {
                0 => &mut row.input,
                1 => &mut row.family,
                2 => &mut row.source,
                3 => &mut row.output,
                4 => &mut row.destination,
                _ => &mut row.traffic,
            };
            *field = segments;
            self.rows(below, &row, depth + 1, found);
        }
    }

    /// Names the forged sources of its interfaces too, where that is shorter.
    fn shorten(&self, entry: &mut Reach, forged: &[Reach]) {
        let covers = |other: &Reach| {
            let [ours, theirs] = [&entry.input, &other.input].map(|interfaces| self.forest.segments(interfaces));
            let covered = |(first, last): &Segment| theirs.iter().any(|theirs| theirs.0 <= *first && *last <= theirs.1);
            let whole = entry.traffic.is_within(&other.traffic)
                && other.destination.is_everything()
                && other.output.is_everything();
            whole && ours.iter().all(covered)
        };
        let sources = forged
            .iter()
            .filter(|other| covers(other))
            .flat_map(|other| other.source.ranges());
        // Entries of one family stay so: those of both are joined then.
        let ranges = entry.source.ranges();
        let sources = sources.filter(|other| ranges.iter().any(|range| range.family() == other.family()));
        let more = entry.source.or(&Addresses::of_all(sources));
        if more.ranges().len() < entry.source.ranges().len() {
            entry.source = more;
        }
    }
}

impl Rows {
    /// The source, the destination and the traffic. Where only one family is meant, it shows in one of them.
    fn sides(&self) -> (Addresses, Addresses, Traffic) {
        let mut source = Addresses::of_all([]);
        let mut destination = source.clone();
        let mut traffic = Traffic::of_all([]);
        let mut meant = Vec::new();
        for family in Family::ALL {
            let number = field::family(family);
            if self
                .family
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number))
            {
                meant.push(family);
                source = source.or(&field::to_addresses(&self.source, family));
                destination = destination.or(&field::to_addresses(&self.destination, family));
                traffic = traffic.or(&field::to_traffic(&self.traffic, family));
            }
        }
        if let [family] = *meant {
            // The other family's ICMP comes from nowhere; so entries of both families can be joined.
            traffic = traffic.with_both_icmps();
            let all = Addresses::of(family);
            if source != all || traffic.is_only_icmp() {
                destination = if destination == all {
                    Addresses::all()
                } else {
                    destination
                };
            }
            if destination != Addresses::all() || traffic.is_only_icmp() {
                source = if source == all { Addresses::all() } else { source };
            }
            if source == all && destination == all {
                destination = Addresses::all();
            }
        }
        (source, destination, traffic)
    }
}
