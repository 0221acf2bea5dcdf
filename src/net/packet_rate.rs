//! Rates of packets.

use std::cmp::Ordering;
use std::fmt;

use super::text::{Text, decimal, text_type};

/// Highest accepted number of packets per unit.
const MAX: u32 = 1_000_000;

/// A rate of packets in the grammar of nft(8), LIMIT STATEMENT: `10/second`, `5/minute`; 1 to 1,000,000 per unit.
/// Rates are ordered by speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PacketRate {
    packets: u32,
    per: PacketUnit,
}

/// The unit of time of a [`PacketRate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketUnit {
    /// 1 second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
    /// 604,800 seconds.
    Week,
}

impl PacketUnit {
    const ALL: [Self; 5] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week];

    /// The name in nft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Length in seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }
}

impl PacketRate {
    /// `packets` per `per`, for constants.
    ///
    /// # Panics
    /// Outside 1 to 1,000,000 (at compile time, in a constant).
    pub const fn constant(packets: u32, per: PacketUnit) -> Self {
        assert!(0 < packets && packets <= MAX, "out of range");
        Self { packets, per }
    }

    /// Packets per [`unit`](Self::unit).
    pub fn packets(&self) -> u32 {
        self.packets
    }

    /// The unit of time.
    pub fn unit(&self) -> PacketUnit {
        self.per
    }
}

impl Ord for PacketRate {
    fn cmp(&self, other: &Self) -> Ordering {
        // a / s < b / t, without fractions.
        let cross = |one: &Self, other: &Self| u64::from(one.packets) * u64::from(other.per.seconds());
        cross(self, other)
            .cmp(&cross(other, self))
            .then(self.per.cmp(&other.per))
    }
}

impl PartialOrd for PacketRate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for PacketRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.packets, self.per.name())
    }
}

impl Text for PacketRate {
    const NOUN: &'static str = "packet rate";
    const GRAMMAR: &'static str =
        "a whole number from 1 to 1000000, a slash, then second, minute, hour, day or week, like 10/second";
    const PATTERN: &'static str = "^[1-9][0-9]{0,6}/(second|minute|hour|day|week)$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (number, unit) = written.split_once('/').ok_or("no slash between number and unit")?;
        let per = PacketUnit::ALL.into_iter().find(|per| per.name() == unit);
        let per = per.ok_or("unknown unit of time")?;
        match decimal(number).and_then(|number| u32::try_from(number).ok()) {
            Some(packets @ 1..=MAX) => Ok(Self { packets, per }),
            Some(_) => Err("the number is out of range"),
            None => Err("no whole number before the slash"),
        }
    }

    /// What the writer of `10/s`, `5/min`, `3/hours` or a bare number means.
    fn guess(refused: &str) -> Option<String> {
        let (number, unit) = refused.split_once('/').unwrap_or((refused, "second"));
        let short = unit.trim().to_ascii_lowercase();
        let short = short
            .strip_suffix('s')
            .filter(|rest| !rest.is_empty())
            .unwrap_or(&short);
        let per = PacketUnit::ALL
            .into_iter()
            .find(|per| !short.is_empty() && per.name().starts_with(short))?;
        Some(format!("{}/{}", number.trim(), per.name()))
    }
}

text_type!(PacketRate);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn the_grammar_of_nft() {
        reads_back::<PacketRate>("[1-9][0-9]{0,5}/(second|minute|hour|day|week)");
        refuses::<PacketRate>(&[
            "",
            "10",
            "0/second",
            "1000001/second",
            "10/",
            "/second",
            "10/second/second",
            "10/month",
            "10/second drop",
        ]);
        suggests::<PacketRate>(&[
            ("10/s", "10/second"),
            ("5/min", "5/minute"),
            ("10", "10/second"),
            ("3/Hours", "3/hour"),
        ]);
    }

    #[test]
    fn rates_are_ordered_by_speed() {
        let rate = |written: &str| written.parse::<PacketRate>().unwrap();
        assert!(rate("100/minute") < rate("2/second"));
        assert!(rate("1000000/week") < rate("2/second"));
    }
}
