//! Conditions of rules.

use super::{MeterKey, Name, Selector, Value};
use crate::net::PacketRate;

/// A condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The field has the value (lies in the range, begins so).
    Is(Selector, Value),
    /// It does not.
    IsNot(Selector, Value),
    /// The field has one of the values.
    OneOf(Selector, Vec<Value>),
    /// The field has a value that is in the named set.
    InSet(Selector, Name),
    /// The kernel knows no way back to the source address (`fib … missing`).
    NoWayBack(ReversePath),
    /// The packet's mark has `value` in the bits of `mask`.
    Marked {
        /// The bits that are compared.
        mask: u32,
        /// What they must be.
        value: u32,
    },
    /// The rate of packets that come here is within the limit, all sources taken together.
    Within(Limit),
    /// The packet's source has gone over its own limit. Asking counts the packet.
    Exceeds(Meter),
}

/// How a way back to the source address must look (RFC 3704 §2.2 and §2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversePath {
    /// By the interface that the packet came in by.
    Strict,
    /// By any interface.
    Loose,
}

/// A token bucket (nft(8), LIMIT STATEMENT).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    rate: PacketRate,
    burst: u32,
}

impl Limit {
    /// A bucket that holds `burst` packets and fills by `rate`.
    ///
    /// The kernel refuses an empty bucket, and one that takes more than 2^64 ns (584 years) to fill: the nearest that it
    /// takes is meant instead.
    pub fn new(rate: PacketRate, burst: u32) -> Self {
        let most = u64::MAX / Self::nanoseconds(rate);
        Self {
            rate,
            burst: burst.clamp(1, u32::try_from(most).unwrap_or(u32::MAX).max(1)),
        }
    }

    /// How fast the bucket fills.
    pub fn rate(&self) -> PacketRate {
        self.rate
    }

    /// Packets in a full bucket.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// Seconds until an empty bucket is full again, rounded up.
    pub fn refill(&self) -> u64 {
        (u64::from(self.burst) * u64::from(self.rate.unit().seconds())).div_ceil(self.rate.packets().into())
    }

    /// What one packet costs in the kernel's own measure; at least 1000 with the rates that there are.
    fn nanoseconds(rate: PacketRate) -> u64 {
        u64::from(rate.unit().seconds()) * 1_000_000_000 / u64::from(rate.packets()).max(1)
    }
}

/// A limit of its own for every source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The set that holds the buckets.
    pub set: Name,
    /// What counts as a source; the same as in the set.
    pub key: MeterKey,
    /// The limit of each.
    pub limit: Limit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_one_that_the_kernel_takes() {
        let limit = |rate: &str, burst| Limit::new(rate.parse().unwrap(), burst);
        assert_eq!(limit("10/second", 0).burst(), 1);
        assert_eq!(limit("10/second", 20).burst(), 20);
        assert_eq!(limit("1/week", u32::MAX).burst(), 30_500);
        assert_eq!(limit("1000000/second", u32::MAX).burst(), u32::MAX);
        assert_eq!(limit("50/second", 100).refill(), 2);
        assert_eq!(limit("3/minute", 1).refill(), 20);
    }
}
