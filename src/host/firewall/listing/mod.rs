//! What `nft -j` lists (libnftables-json(5)), as far as somebody asks for it here.
//!
//! The reader is tolerant: kinds of objects, fields and expressions that it does not know are passed over, so that neither
//! another version of nft nor a rule that somebody added by hand keeps it from reading the rest.

mod element;
mod rule;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use element::Element;
pub use rule::{Decision, Rule};

/// Objects of one listing, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Chains.
    pub chains: Vec<Chain>,
    /// Sets, and maps, which are sets with a verdict for each element.
    pub sets: Vec<Set>,
    /// Rules; those of a chain in their order.
    pub rules: Vec<Rule>,
}

/// A chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Chain {
    /// The family of its table: `inet`, `ip`, `ip6`, `arp`, `bridge` or `netdev`.
    pub family: String,
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// The hook, where the kernel itself enters it.
    pub hook: Option<String>,
    /// `filter`, `nat` or `route`, of a chain with a hook.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The order among the chains of a hook; lower comes first.
    #[serde(rename = "prio")]
    pub priority: Option<i64>,
    /// `accept` or `drop`: what happens to packets that reach the end of a chain with a hook.
    pub policy: Option<String>,
}

/// A set or a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// Whether rules add elements to it as packets come.
    pub is_dynamic: bool,
    /// Seconds after which an element is forgotten.
    pub timeout: Option<u64>,
    /// What is in it.
    pub elements: Vec<Element>,
}

/// Packets, and the bytes in them, from the IP header on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize, JsonSchema)]
pub struct Counter {
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}

impl std::ops::Add for Counter {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            packets: self.packets.saturating_add(other.packets),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl std::ops::Sub for Counter {
    type Output = Self;

    /// What is left; nothing rather than less.
    fn sub(self, other: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(other.packets),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl std::iter::Sum for Counter {
    fn sum<I: Iterator<Item = Self>>(counters: I) -> Self {
        counters.fold(Self::default(), std::ops::Add::add)
    }
}

impl Listing {
    /// Reads what nft printed; an error where it is no listing at all.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Document {
            nftables: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(json)?;
        let mut listing = Self::default();
        for object in document.nftables {
            let Value::Object(fields) = object else { continue };
            for (kind, value) in fields {
                match kind.as_str() {
                    "chain" => listing.chains.extend(serde_json::from_value::<Chain>(value).ok()),
                    "set" | "map" => listing.sets.extend(Set::read(&value)),
                    "rule" => listing.rules.extend(Rule::read(&value)),
                    _ => {}
                }
            }
        }
        Ok(listing)
    }

    /// The rules of a chain.
    pub fn rules_of<'a>(&'a self, chain: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.chain == chain)
    }

    /// The set or map of this name.
    pub fn set(&self, name: &str) -> Option<&Set> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The elements of a set or a map; none where there is no such.
    pub fn elements_of(&self, name: &str) -> &[Element] {
        self.set(name).map(|set| set.elements.as_slice()).unwrap_or_default()
    }
}

impl Set {
    fn read(value: &Value) -> Option<Self> {
        let flags = value.get("flags");
        let is_flag = |flag: &Value| flag.as_str() == Some("dynamic");
        let is_dynamic = flags.is_some_and(|flags| match flags {
            // One flag alone may stand without a list.
            Value::Array(flags) => flags.iter().any(is_flag),
            flag => is_flag(flag),
        });
        let elements = value.get("elem").and_then(Value::as_array);
        let elements = elements.map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            is_dynamic,
            timeout: value.get("timeout").and_then(Value::as_u64),
            elements: elements.iter().map(Element::read).collect(),
        })
    }
}

/// The counter that an object carries.
fn counter(object: &Value) -> Option<Counter> {
    serde_json::from_value(object.get("counter")?.clone()).ok()
}

#[cfg(test)]
mod tests;
