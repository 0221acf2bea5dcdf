//! Maps from fields of a packet to verdicts.

use super::{Evidence, Name, Selector, Value, Verdict};

/// A named map from one or more fields to a verdict: one lookup, however many elements it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictMap {
    /// Its name.
    pub name: Name,
    /// What it is asked for.
    pub key: Vec<Selector>,
    /// Whether every element counts the packets and bytes that it decided.
    pub counted: bool,
    /// The elements; no two of them match the same packet.
    pub elements: Vec<MapElement>,
}

impl VerdictMap {
    /// Whether some element is a range, which the kernel must be told (`flags interval`).
    pub fn has_ranges(&self) -> bool {
        let address = |selector: &Selector| {
            matches!(
                selector,
                Selector::SourceV4 | Selector::SourceV6 | Selector::DestinationV4 | Selector::DestinationV6
            )
        };
        self.key.iter().any(address)
            || self
                .elements
                .iter()
                .flat_map(|element| &element.key)
                .any(|value| matches!(value, Value::Ports(ports) if ports.single().is_none()))
    }
}

/// An element of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapElement {
    /// A value for each field of the map's key.
    pub key: Vec<Value>,
    /// What happens to the packets that it matches.
    pub verdict: Verdict,
    /// Why it is there.
    pub evidence: Evidence,
}
