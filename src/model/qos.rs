//! `network.qos`: bandwidth limits.

use std::collections::BTreeMap;

use crate::net::{BitRate, BurstSize, InterfaceName, TimeSpan};

/// Bandwidth limits by interface.
#[derive(Debug, Clone, PartialEq)]
pub struct Qos {
    /// `limits.<interface>`.
    pub limits: BTreeMap<InterfaceName, Shaping>,
}

/// A token bucket filter (tc-tbf(8)) on what this host sends by an interface. What it receives is not shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shaping {
    /// `rate`.
    pub rate: BitRate,
    /// `burst`: size of the bucket.
    pub burst: BurstSize,
    /// `latency`: how long a packet may wait before it is dropped.
    pub latency: TimeSpan,
}
