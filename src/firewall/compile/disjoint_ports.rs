//! Ranges of ports that overlap, as ranges that do not.

use std::collections::{BTreeMap, BTreeSet};

use crate::net::{Port, PortRange};

/// `entries` cut into ascending ranges that do not overlap, each with what all entries say that hold it.
pub(super) fn disjoint_ports<T>(entries: &[(PortRange, T)]) -> Vec<(PortRange, Vec<&T>)> {
    // Which entries begin at a port, and which ended before it.
    let mut edges: BTreeMap<u32, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (number, (range, _)) in entries.iter().enumerate() {
        edges.entry(range.first().get().into()).or_default().0.push(number);
        edges
            .entry(u32::from(range.last().get()) + 1)
            .or_default()
            .1
            .push(number);
    }
    let mut around: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    let mut edges = edges.into_iter().peekable();
    while let Some((first, (begin, end))) = edges.next() {
        for number in end {
            around.remove(&number);
        }
        around.extend(begin);
        let range = edges.peek().and_then(|(next, _)| range(first, next - 1));
        if let Some(range) = range.filter(|_| !around.is_empty()) {
            let here = around.iter().filter_map(|number| entries.get(*number));
            found.push((range, here.map(|(_, said)| said).collect()));
        }
    }
    found
}

fn range(first: u32, last: u32) -> Option<PortRange> {
    let port = |number| u16::try_from(number).ok().and_then(Port::new);
    PortRange::new(port(first)?, port(last)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(range: &str, origin: usize) -> (PortRange, usize) {
        (range.parse().unwrap(), origin)
    }

    #[test]
    fn a_port_that_two_lines_open_has_both() {
        let entries = ["20-30", "22", "65535", "31", "65535"];
        let entries: Vec<_> = entries
            .iter()
            .zip(0..)
            .map(|(range, origin)| entry(range, origin))
            .collect();
        let shown: Vec<_> = disjoint_ports(&entries)
            .iter()
            .map(|(range, origins)| format!("{range} {origins:?}"))
            .collect();
        assert_eq!(shown, ["20-21 [0]", "22 [0, 1]", "23-30 [0]", "31 [3]", "65535 [2, 4]"]);
    }

    proptest! {
        #[test]
        fn every_port_keeps_its_lines(ranges in proptest::collection::vec((65500u16.., 0u16..20), 0..8)) {
            let entries: Vec<_> = ranges
                .iter()
                .enumerate()
                .map(|(number, (first, length))| entry(&format!("{first}-{}", first.saturating_add(*length)), number))
                .collect();
            let found = disjoint_ports(&entries);
            for port in (65490u16..=65535).filter_map(Port::new) {
                let expected: Vec<usize> =
                    entries.iter().filter(|(range, _)| range.contains(port)).map(|(_, origin)| *origin).collect();
                let mut holding = found.iter().filter(|(range, _)| range.contains(port));
                let origins: Vec<usize> =
                    holding.next().map(|(_, origins)| origins.iter().map(|origin| **origin).collect()).unwrap_or_default();
                prop_assert_eq!(origins, expected);
                prop_assert!(holding.next().is_none());
            }
        }
    }
}
