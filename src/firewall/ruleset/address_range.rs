//! Ranges of addresses of one family.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Family;
use crate::net::Prefix;

/// Addresses of one family from a first to a last one, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressRange {
    /// IPv4.
    V4(Ipv4Addr, Ipv4Addr),
    /// IPv6.
    V6(Ipv6Addr, Ipv6Addr),
}

impl AddressRange {
    /// The addresses from number `first` to number `last` of `family`; numbers beyond the family are its last address.
    pub fn of(family: Family, first: u128, last: u128) -> Self {
        let v4 = |number: u128| Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX));
        match family {
            Family::Ipv4 => Self::V4(v4(first), v4(last)),
            Family::Ipv6 => Self::V6(first.into(), last.into()),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        match self {
            Self::V4(..) => Family::Ipv4,
            Self::V6(..) => Family::Ipv6,
        }
    }

    /// The numbers of the first and the last address.
    pub fn numbers(&self) -> (u128, u128) {
        match *self {
            Self::V4(first, last) => (u32::from(first).into(), u32::from(last).into()),
            Self::V6(first, last) => (first.into(), last.into()),
        }
    }

    /// Whether `address` lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(first, last), IpAddr::V4(address)) => *first <= address && address <= *last,
            (Self::V6(first, last), IpAddr::V6(address)) => *first <= address && address <= *last,
            _ => false,
        }
    }

    /// The length of the prefix that is exactly this range.
    pub fn prefix_len(&self) -> Option<u32> {
        let (first, last) = self.numbers();
        let host = (first ^ last).count_ones();
        // All bits that differ are the lowest ones, zero in the first address and one in the last.
        let mask = 1u128.checked_shl(host).map_or(u128::MAX, |bit| bit - 1);
        (first & mask == 0 && last & mask == mask && first ^ last == mask).then(|| self.family().bits() - host)
    }
}

impl From<Prefix> for AddressRange {
    fn from(prefix: Prefix) -> Self {
        let length = u32::from(prefix.len());
        match prefix.network() {
            IpAddr::V4(first) => {
                let host = u32::MAX.checked_shr(length).unwrap_or(0);
                Self::V4(first, Ipv4Addr::from(u32::from(first) | host))
            }
            IpAddr::V6(first) => {
                let host = u128::MAX.checked_shr(length).unwrap_or(0);
                Self::V6(first, Ipv6Addr::from(u128::from(first) | host))
            }
        }
    }
}

impl fmt::Display for AddressRange {
    /// As nft lists it: an address, a prefix, or `first-last`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends: (IpAddr, IpAddr) = match *self {
            Self::V4(first, last) => (first.into(), last.into()),
            Self::V6(first, last) => (first.into(), last.into()),
        };
        match self.prefix_len() {
            Some(length) if length == self.family().bits() => ends.0.fmt(f),
            Some(length) => write!(f, "{}/{length}", ends.0),
            None => write!(f, "{}-{}", ends.0, ends.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_range_is_shown_as_the_prefix_that_it_is() {
        for written in [
            "0.0.0.0/0",
            "10.0.0.0/8",
            "10.1.2.3/32",
            "::/0",
            "fd7a:115c:a1e0::/48",
            "::1/128",
            "128.0.0.0/1",
        ] {
            let prefix: Prefix = written.parse().unwrap();
            let shown = AddressRange::from(prefix).to_string();
            let expected = if prefix.is_host() {
                prefix.network().to_string()
            } else {
                written.to_owned()
            };
            assert_eq!(shown, expected);
        }
        let odd = AddressRange::V4([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        assert_eq!(odd.to_string(), "10.0.0.1-10.0.0.2");
        assert_eq!(odd.prefix_len(), None);
    }

    proptest! {
        #[test]
        fn a_range_has_the_addresses_of_its_prefix(bits in any::<u32>(), length in 0u8..=32, probe in any::<u32>()) {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            let prefix: Prefix = format!("{}/{length}", Ipv4Addr::from(bits & mask)).parse().unwrap();
            let range = AddressRange::from(prefix);
            prop_assert_eq!(range.prefix_len(), Some(length.into()));
            let probe = IpAddr::from(Ipv4Addr::from(probe));
            prop_assert_eq!(range.contains(probe), prefix.contains(probe));
        }
    }
}
