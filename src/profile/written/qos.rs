//! `network.qos`.

use std::collections::BTreeMap;

use super::{Millis, group};
use crate::net::{BitRate, BurstSize, InterfaceName};

group! {
    /// Bandwidth limits.
    pub struct Qos {
        /// Whether the limits are applied; true by default where this group is written.
        pub enable: Option<bool>,
        /// Limits on what this host sends, by interface.
        pub limits: Option<BTreeMap<InterfaceName, Shaping>>,
    }
}

group! {
    /// A limit on what this host sends by an interface.
    pub struct Shaping {
        /// The rate: `10mbit`.
        pub rate: Option<BitRate>,
        /// How much may be sent at once: `32kbit`; what 10 ms of the rate hold by default, 32 KiB at least.
        pub burst: Option<BurstSize>,
        /// How long a packet may wait, in milliseconds or with a unit; 400 ms by default.
        pub latency: Option<Millis>,
    }
}
