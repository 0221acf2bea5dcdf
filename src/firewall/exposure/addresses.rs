//! Sets of addresses.

use std::fmt;
use std::net::IpAddr;

use super::Ranges;
use crate::firewall::ruleset::{AddressRange, Family};
use crate::net::Prefix;

/// A set of addresses of both families.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addresses {
    v4: Ranges,
    v6: Ranges,
}

impl Addresses {
    /// Every address.
    pub fn all() -> Self {
        Self::of(Family::Ipv4).or(&Self::of(Family::Ipv6))
    }

    /// The addresses that are in any of these ranges.
    pub fn of_all(ranges: impl IntoIterator<Item = AddressRange>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for range in ranges {
            match range.family() {
                Family::Ipv4 => v4.push(range.numbers()),
                Family::Ipv6 => v6.push(range.numbers()),
            }
        }
        Self {
            v4: Ranges::of_all(v4),
            v6: Ranges::of_all(v6),
        }
    }

    /// Every address of a family.
    pub fn of(family: Family) -> Self {
        let all = match family {
            Family::Ipv4 => Prefix::DEFAULT_V4,
            Family::Ipv6 => Prefix::DEFAULT_V6,
        };
        AddressRange::from(all).into()
    }

    /// Whether no address is in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address is in it.
    pub fn is_everything(&self) -> bool {
        *self == Self::all()
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(u32::from(address).into()),
            IpAddr::V6(address) => self.v6.contains(address.into()),
        }
    }

    /// The ranges, IPv4 first, ascending.
    pub fn ranges(&self) -> Vec<AddressRange> {
        let of = |family: Family, ranges: &Ranges| -> Vec<AddressRange> {
            let ranges = ranges.ranges().iter();
            ranges
                .map(|(first, last)| AddressRange::of(family, *first, *last))
                .collect()
        };
        [of(Family::Ipv4, &self.v4), of(Family::Ipv6, &self.v6)].concat()
    }

    /// The addresses that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.and(&other.v4),
            v6: self.v6.and(&other.v6),
        }
    }

    /// The addresses that are in one of them.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.or(&other.v4),
            v6: self.v6.or(&other.v6),
        }
    }

    /// The addresses that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.without(&other.v4),
            v6: self.v6.without(&other.v6),
        }
    }
}

impl From<AddressRange> for Addresses {
    fn from(range: AddressRange) -> Self {
        let (first, last) = range.numbers();
        let ranges = Ranges::of(first, last);
        match range.family() {
            Family::Ipv4 => Self {
                v4: ranges,
                v6: Ranges::empty(),
            },
            Family::Ipv6 => Self {
                v4: Ranges::empty(),
                v6: ranges,
            },
        }
    }
}

impl fmt::Display for Addresses {
    /// `everywhere`, a list of ranges, or `everywhere but` the ranges that are not in it, whichever is shorter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |addresses: &Self| -> Vec<String> { addresses.ranges().iter().map(ToString::to_string).collect() };
        let (inside, outside) = (list(self), list(&Self::all().without(self)));
        if outside.is_empty() {
            f.write_str("everywhere")
        } else if inside.is_empty() {
            f.write_str("nowhere")
        } else if outside.len() < inside.len() {
            write!(f, "everywhere but {}", outside.join(", "))
        } else {
            f.write_str(&inside.join(", "))
        }
    }
}
