//! Ranges and sets of ports.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::port::Port;
use super::text::{Text, WholeNumber, text_from_str};

/// A range of ports, both ends included; a single port is a range of one.
///
/// Written as a number (`443`) or as `first-last` in a string (`"8000-8100"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: Port,
    last: Port,
}

impl PortRange {
    /// All ports.
    pub const ALL: Self = Self {
        first: Port::MIN,
        last: Port::MAX,
    };

    /// The ports from `first` to `last`; `None` if `last` is lower.
    pub fn new(first: Port, last: Port) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The lowest port.
    pub fn first(&self) -> Port {
        self.first
    }

    /// The highest port.
    pub fn last(&self) -> Port {
        self.last
    }

    /// The port, if it is only one.
    pub fn single(&self) -> Option<Port> {
        (self.first == self.last).then_some(self.first)
    }

    /// Whether `port` lies in the range.
    pub fn contains(&self, port: Port) -> bool {
        self.first <= port && port <= self.last
    }

    /// Whether some port lies in both ranges.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl From<Port> for PortRange {
    fn from(port: Port) -> Self {
        Self {
            first: port,
            last: port,
        }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(port) => port.fmt(f),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl Text for PortRange {
    const NOUN: &'static str = "port or port range";
    const GRAMMAR: &'static str = "a port from 1 to 65535, or first-last like 8000-8100";
    const PATTERN: &'static str = "^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (first, last) = ends(written);
        let (Some(first), Some(last)) = (Port::read(first), Port::read(last)) else {
            return Err("not a port number, nor two with a hyphen between them");
        };
        Self::new(first, last).ok_or("the last port is lower than the first")
    }

    fn guess(refused: &str) -> Option<String> {
        let hyphenated = [":", "..", "–", " "]
            .into_iter()
            .fold(refused.trim().to_owned(), |text, other| text.replace(other, "-"));
        let (first, last) = ends(&hyphenated);
        let (first, last) = (Port::read(first)?, Port::read(last.trim_start_matches('-'))?);
        Some(format!("{}-{}", first.min(last), first.max(last)))
    }
}

text_from_str!(PortRange);

/// The two ends of `first-last`; a text without a hyphen is both.
fn ends(written: &str) -> (&str, &str) {
    written.split_once('-').unwrap_or((written, written))
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.single() {
            Some(port) => port.serialize(serializer),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PortRangeVisitor)
    }
}

struct PortRangeVisitor;

impl serde::de::Visitor<'_> for PortRangeVisitor {
    type Value = PortRange;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PortRange::GRAMMAR)
    }

    fn visit_i64<E: serde::de::Error>(self, written: i64) -> Result<PortRange, E> {
        Port::try_from(written).map(PortRange::from).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, written: u64) -> Result<PortRange, E> {
        self.visit_i64(i64::try_from(written).unwrap_or(i64::MAX))
    }

    fn visit_str<E: serde::de::Error>(self, written: &str) -> Result<PortRange, E> {
        written.parse().map_err(E::custom)
    }
}

impl schemars::JsonSchema for PortRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortRange".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": Self::GRAMMAR,
            "oneOf": [
                { "type": "integer", "minimum": Port::RANGE.start(), "maximum": Port::RANGE.end() },
                { "type": "string", "pattern": Self::PATTERN },
            ],
        })
    }
}

/// A set of ports, kept as ascending ranges that neither overlap nor touch; equal sets are equal values.
///
/// Read from a list of ports and ranges; shown with commas: `80,443,8000-8100`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct PortSet(Vec<PortRange>);

impl PortSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The ranges, ascending, with at least one port missing between any two.
    pub fn ranges(&self) -> &[PortRange] {
        &self.0
    }

    /// Whether no port is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `port` is in the set.
    pub fn contains(&self, port: Port) -> bool {
        self.0.iter().any(|range| range.contains(port))
    }

    /// Adds all ports of `range`.
    pub fn insert(&mut self, range: impl Into<PortRange>) {
        self.extend([range.into()]);
    }
}

impl Extend<PortRange> for PortSet {
    fn extend<I: IntoIterator<Item = PortRange>>(&mut self, ranges: I) {
        self.0.extend(ranges);
        self.0.sort_unstable();
        let mut merged: Vec<PortRange> = Vec::with_capacity(self.0.len());
        for range in self.0.drain(..) {
            match merged.last_mut() {
                // Touching ranges are one range; nothing comes after the highest port.
                Some(before) if before.last.next().is_none_or(|next| range.first <= next) => {
                    before.last = before.last.max(range.last);
                }
                _ => merged.push(range),
            }
        }
        self.0 = merged;
    }
}

impl<R: Into<PortRange>> FromIterator<R> for PortSet {
    fn from_iter<I: IntoIterator<Item = R>>(ranges: I) -> Self {
        let mut set = Self::new();
        set.extend(ranges.into_iter().map(Into::into));
        set
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, range) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for PortSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<PortRange>::deserialize(deserializer).map(Self::from_iter)
    }
}

impl schemars::JsonSchema for PortSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortSet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "array", "items": generator.subschema_for::<PortRange>() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn a_range_is_ordered_and_a_single_port_is_a_range_of_one() {
        reads_back::<PortRange>("[1-9][0-9]{0,3}|[1-9][0-9]{0,3}-[1-5][0-9]{4}");
        refuses::<PortRange>(&[
            "", "-", "0", "0-5", "5-", "-5", "80-79", "1-65536", "80 - 90", "80,90", "http",
        ]);
        suggests::<PortRange>(&[
            ("8100-8000", "8000-8100"),
            ("8000:8100", "8000-8100"),
            ("80..90", "80-90"),
        ]);
        shows::<PortRange>(&[("80-80", "80"), ("8000-8100", "8000-8100")]);
    }

    #[test]
    fn a_range_is_read_from_a_number_or_a_string() {
        let set: PortSet = serde_json::from_str(r#"[443, "8000-8100", 80, "8101", 81]"#).unwrap();
        assert_eq!(set.to_string(), "80-81,443,8000-8101");
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["80-81",443,"8000-8101"]"#);
        assert!(
            serde_json::from_str::<PortSet>("[0]")
                .unwrap_err()
                .to_string()
                .starts_with("invalid port 0")
        );
        assert!(serde_json::from_str::<PortSet>("[8.5]").is_err());
    }

    proptest! {
        #[test]
        fn a_set_of_ranges_holds_what_the_ranges_hold(ranges in proptest::collection::vec((1u16..300, 0u16..20), 0..20)) {
            let ranges: Vec<(u16, u16)> = ranges.into_iter().map(|(first, more)| (first, first + more)).collect();
            let range = |&(first, last): &(u16, u16)| {
                PortRange::new(Port::new(first).unwrap(), Port::new(last).unwrap()).unwrap()
            };
            let set: PortSet = ranges.iter().map(range).collect();
            let ports: BTreeSet<u16> = ranges.iter().flat_map(|&(first, last)| first..=last).collect();
            for number in 1..=330 {
                prop_assert_eq!(set.contains(Port::new(number).unwrap()), ports.contains(&number));
            }
            for pair in set.ranges().windows(2) {
                prop_assert!(pair[0].last().get() + 1 < pair[1].first().get());
            }
            let one_by_one: PortSet = ports.iter().filter_map(|&port| Port::new(port)).collect();
            prop_assert_eq!(&one_by_one, &set);
            let json = serde_json::to_string(&set).unwrap();
            prop_assert_eq!(serde_json::from_str::<PortSet>(&json).unwrap(), set);
        }
    }

    #[test]
    fn the_highest_port_merges() {
        let set: PortSet = [PortRange::ALL, PortRange::from(Port::MAX)].into_iter().collect();
        assert_eq!(set.ranges(), [PortRange::ALL]);
    }
}
