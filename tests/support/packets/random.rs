//! Numbers that look random and are the same for the same seed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tailwright::net::Prefix;

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators": small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of the items.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(items.len() as u64)).expect("an index");
        &items[index]
    }

    /// 16 bits.
    pub fn short(&mut self) -> u16 {
        u16::try_from(self.next() >> 48).expect("16 bits")
    }

    /// 8 bits.
    pub fn byte(&mut self) -> u8 {
        self.short().to_be_bytes()[0]
    }

    /// 128 bits.
    pub fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// An address in a prefix.
    pub fn within(&mut self, prefix: Prefix) -> IpAddr {
        let host = self.wide() & u128::MAX.checked_shr(prefix.len().into()).unwrap_or(0);
        match prefix.network() {
            // The length of an IPv4 prefix counts from the highest of 32 bits.
            IpAddr::V4(first) => Ipv4Addr::from(u32::from(first) | u32::try_from(host >> 96).unwrap_or(0)).into(),
            IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) | host).into(),
        }
    }
}
