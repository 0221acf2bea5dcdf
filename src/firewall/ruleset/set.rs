//! Named sets.

use super::{Evidence, Name, Selector, Value};

/// A named set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name.
    pub name: Name,
    /// What is in it.
    pub content: SetContent,
}

/// What is in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetContent {
    /// Values of a field.
    Elements {
        /// The field.
        key: Selector,
        /// The values.
        elements: Vec<SetElement>,
    },
    /// One token bucket or one counter per source, made by the rules as packets come.
    Buckets {
        /// What counts as a source.
        key: MeterKey,
        /// How many sources are remembered; when the set is full, further ones are neither limited nor counted.
        size: u32,
        /// Seconds after its last packet until a source is forgotten.
        timeout: u32,
    },
}

/// An element of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetElement {
    /// The value.
    pub value: Value,
    /// Why it is there.
    pub evidence: Evidence,
}

/// What counts as one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeterKey {
    /// Every IPv4 address.
    V4Address,
    /// Every IPv6 /64: what one subscriber has at the least (RFC 6177 §2), so that a source cannot hide behind its other
    /// addresses.
    V6Subnet,
}

impl MeterKey {
    /// The expression in nft.
    pub const fn expression(self) -> &'static str {
        match self {
            Self::V4Address => "ip saddr",
            Self::V6Subnet => "ip6 saddr & ffff:ffff:ffff:ffff::",
        }
    }

    /// The field that the key is made of.
    pub const fn selector(self) -> Selector {
        match self {
            Self::V4Address => Selector::SourceV4,
            Self::V6Subnet => Selector::SourceV6,
        }
    }
}
