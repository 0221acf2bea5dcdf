//! Prefixes that lie in each other, as ranges that do not.

use std::cmp::Reverse;

use crate::firewall::ruleset::{AddressRange, Family};
use crate::net::Prefix;

/// The ranges of `family` in which each of `entries` is the longest prefix that holds an address, ascending. Of two
/// entries with the same prefix the first counts.
///
/// A kernel's interval map takes no element that lies in another one; cutting the outer one into the pieces that are left
/// of it says the same.
pub(super) fn longest_prefix<T>(entries: &[(Prefix, T)], family: Family) -> Vec<(AddressRange, &T)> {
    let mut open: Vec<(u128, u128, &T)> = entries
        .iter()
        .map(|(prefix, value)| (AddressRange::from(*prefix), value))
        .filter(|(range, _)| range.family() == family)
        .map(|(range, value)| (range.numbers().0, range.numbers().1, value))
        .collect();
    // Outer prefixes before the inner ones that begin with them; the sort is stable.
    open.sort_by_key(|(first, last, _)| (*first, Reverse(*last)));
    open.dedup_by_key(|(first, last, _)| (*first, *last));

    let mut sweep = Sweep {
        family,
        around: Vec::new(),
        next: None,
        found: Vec::new(),
    };
    for (first, last, value) in open {
        sweep.close(Some(first));
        sweep.emit_before(first);
        sweep.around.push((last, value));
        sweep.next = Some(first);
    }
    sweep.close(None);
    sweep.found
}

struct Sweep<'a, T> {
    family: Family,
    /// The prefixes that the current address lies in, the longest last, with their last addresses.
    around: Vec<(u128, &'a T)>,
    /// The first address that has no range yet; `None` past the last one of all.
    next: Option<u128>,
    found: Vec<(AddressRange, &'a T)>,
}

impl<T> Sweep<'_, T> {
    /// Ends the prefixes that do not reach `address`, or all of them.
    fn close(&mut self, address: Option<u128>) {
        while let Some((last, value)) = self
            .around
            .pop_if(|(last, _)| address.is_none_or(|address| *last < address))
        {
            if let Some(first) = self.next.filter(|first| *first <= last) {
                self.found.push((AddressRange::of(self.family, first, last), value));
            }
            self.next = last.checked_add(1);
        }
    }

    /// The piece of the innermost open prefix before `address`.
    fn emit_before(&mut self, address: u128) {
        if let Some((_, value)) = self.around.last().copied()
            && let Some(first) = self.next.filter(|first| *first < address)
        {
            let range = AddressRange::of(self.family, first, address - 1);
            self.found.push((range, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn shown(entries: &[&str], family: Family) -> Vec<String> {
        let entries: Vec<(Prefix, usize)> = entries
            .iter()
            .enumerate()
            .map(|(number, written)| (written.parse().unwrap(), number))
            .collect();
        longest_prefix(&entries, family)
            .into_iter()
            .map(|(range, number)| format!("{range} {number}"))
            .collect()
    }

    #[test]
    fn an_inner_prefix_is_cut_out_of_the_outer_one() {
        assert_eq!(
            shown(&["10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16", "fd00::/8"], Family::Ipv4),
            ["10.0.0.0/16 0", "10.1.0.0/16 1", "10.2.0.0-10.255.255.255 0"]
        );
        assert_eq!(
            shown(&["0.0.0.0/0", "255.255.255.255/32", "0.0.0.0/32"], Family::Ipv4),
            ["0.0.0.0 2", "0.0.0.1-255.255.255.254 0", "255.255.255.255 1"]
        );
        assert_eq!(
            shown(&["::/0", "8000::/1", "0.0.0.0/0"], Family::Ipv6),
            ["::/1 0", "8000::/1 1"]
        );
        assert_eq!(
            shown(&["10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/8"], Family::Ipv4),
            ["10.0.0.0/9 0", "10.128.0.0/9 1"]
        );
    }

    fn v6(byte: u8) -> Ipv6Addr {
        Ipv6Addr::from(u128::MAX - 255 + u128::from(byte))
    }

    /// Prefixes that often lie in each other, at both ends of the address spaces.
    fn prefixes() -> impl Strategy<Value = Vec<(Prefix, usize)>> {
        let mask = |length: u8| u8::MAX.checked_shl(8 - u32::from(length)).unwrap_or(0);
        let short = (any::<u8>(), 0u8..=8)
            .prop_map(move |(bits, length)| format!("{}/{length}", Ipv4Addr::new(bits & mask(length), 0, 0, 0)));
        let long = (any::<u8>(), 0u8..=8)
            .prop_map(move |(bits, length)| format!("{}/{}", v6(bits & mask(length)), 120 + length));
        proptest::collection::vec(prop_oneof![short, long], 0..12).prop_map(|written| {
            written
                .iter()
                .enumerate()
                .map(|(number, written)| (written.parse().unwrap(), number))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn every_address_has_its_longest_prefix(entries in prefixes()) {
            let ranges: Vec<_> = Family::ALL
                .into_iter()
                .flat_map(|family| longest_prefix(&entries, family))
                .collect();
            let probes = (0..=255).flat_map(|byte| [IpAddr::from(Ipv4Addr::new(byte, 1, 2, 3)), IpAddr::from(v6(byte))]);
            for probe in probes {
                let longest = entries
                    .iter()
                    .rev()
                    .filter(|(prefix, _)| prefix.contains(probe))
                    .max_by_key(|(prefix, _)| prefix.len())
                    .map(|(_, number)| *number);
                let mut holding = ranges.iter().filter(|(range, _)| range.contains(probe));
                prop_assert_eq!(holding.next().map(|(_, number)| **number), longest);
                prop_assert!(holding.next().is_none());
            }
        }
    }
}
