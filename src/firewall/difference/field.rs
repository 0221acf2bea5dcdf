//! Addresses and traffic as numbers.

use super::region::Segment;
use crate::firewall::exposure::{Addresses, Kind, Ranges, Traffic};
use crate::firewall::ruleset::{AddressRange, Family};

/// The number of a family.
pub(super) fn family(family: Family) -> u128 {
    match family {
        Family::Ipv4 => 0,
        Family::Ipv6 => 1,
    }
}

/// How far IPv4 addresses are moved up, so that all addresses are the same numbers in both families.
const V4_SHIFT: u32 = 96;

/// The addresses of a family as numbers.
pub(super) fn of_addresses(addresses: &Addresses, family: Family) -> Vec<Segment> {
    let ranges = addresses.ranges().into_iter().filter(|range| range.family() == family);
    ranges
        .map(|range| match (range.numbers(), family) {
            ((first, last), Family::Ipv4) => (first << V4_SHIFT, (last << V4_SHIFT) | ((1 << V4_SHIFT) - 1)),
            (numbers, Family::Ipv6) => numbers,
        })
        .collect()
}

/// The addresses that numbers mean in a family.
pub(super) fn to_addresses(segments: &[Segment], family: Family) -> Addresses {
    Addresses::of_all(segments.iter().map(|(first, last)| match family {
        Family::Ipv4 => AddressRange::of(family, first >> V4_SHIFT, last >> V4_SHIFT),
        Family::Ipv6 => AddressRange::of(family, *first, *last),
    }))
}

/// How far the numbers of one protocol are from those of the next.
const STRIDE: u128 = 1 << 32;

/// Protocols in the order of their numbers; a family has one of the two ICMPs.
fn kinds(family: Family) -> [Kind; 4] {
    let icmp = match family {
        Family::Ipv4 => Kind::Icmp,
        Family::Ipv6 => Kind::Icmpv6,
    };
    [Kind::Tcp, Kind::Udp, icmp, Kind::Other]
}

/// The traffic of a family as numbers.
pub(super) fn of_traffic(traffic: &Traffic, family: Family) -> Vec<Segment> {
    let mut found = Vec::new();
    for (kind, base) in kinds(family).into_iter().zip(0..) {
        let base: u128 = STRIDE * base;
        let ranges = traffic.of(kind).map(Ranges::ranges).unwrap_or_default();
        found.extend(ranges.iter().map(|(first, last)| (base + first, base + last)));
    }
    found
}

/// The traffic that numbers mean in a family.
pub(super) fn to_traffic(segments: &[Segment], family: Family) -> Traffic {
    let kinds = kinds(family).into_iter().zip(0..).map(|(kind, base)| {
        let base: u128 = STRIDE * base;
        let here = segments
            .iter()
            .filter(|(first, _)| (base..base + STRIDE).contains(first));
        let ranges = here.map(|(first, last)| (first - base, last - base)).collect();
        (kind, Ranges::of_all(ranges))
    });
    Traffic::from_kinds(kinds)
}
