//! The relays.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::received::received;

received! {
    /// The relays that there are (`tailcfg.DERPMap`).
    pub struct DerpMap {
        /// By their number, as text.
        pub regions: BTreeMap<String, DerpRegion>,
    }
}

received! {
    /// Relays in one place (`tailcfg.DERPRegion`).
    pub struct DerpRegion {
        /// Its number.
        #[serde(rename = "RegionID")]
        pub region_id: i64,
        /// A few letters: `fra`.
        pub region_code: String,
        /// The place, in English.
        pub region_name: String,
        /// Not to be chosen by itself.
        pub avoid: bool,
        /// Not to be measured, nor chosen.
        pub no_measure_no_home: bool,
        /// Its relays, the first to be tried first.
        pub nodes: Vec<DerpNode>,
    }
}

received! {
    /// One relay (`tailcfg.DERPNode`).
    pub struct DerpNode {
        /// Its name.
        pub name: String,
        /// Its DNS name.
        pub host_name: String,
        /// Its IPv4 address; empty where DNS has it, `none` where it has none.
        #[serde(rename = "IPv4")]
        pub ipv4: String,
        /// Its IPv6 address, likewise.
        #[serde(rename = "IPv6")]
        pub ipv6: String,
        /// The port for STUN as it is written: 0 for 3478, -1 for none.
        #[serde(rename = "STUNPort")]
        pub stun_port: i64,
        /// The port that it relays at as it is written: 0 for 443.
        #[serde(rename = "DERPPort")]
        pub derp_port: i64,
        /// Whether it does nothing but STUN.
        #[serde(rename = "STUNOnly")]
        pub stun_only: bool,
    }
}

impl DerpNode {
    /// The UDP port that it answers STUN at.
    pub fn stun(&self) -> Option<u16> {
        match self.stun_port {
            0 => Some(3478),
            port => u16::try_from(port).ok(),
        }
    }

    /// The TCP port that it relays at.
    pub fn relay(&self) -> Option<u16> {
        match self.derp_port {
            0 => Some(443),
            port => u16::try_from(port).ok(),
        }
    }

    /// Its address, where the map has it: of that family if it can, else of the other.
    pub fn address(&self, is_ipv4: bool) -> Option<IpAddr> {
        let (ipv4, ipv6) = (self.ipv4().map(IpAddr::from), self.ipv6().map(IpAddr::from));
        if is_ipv4 { ipv4.or(ipv6) } else { ipv6.or(ipv4) }
    }

    /// Its IPv4 address, where the map has it.
    pub fn ipv4(&self) -> Option<Ipv4Addr> {
        self.ipv4.parse().ok()
    }

    /// Its IPv6 address, where the map has it.
    pub fn ipv6(&self) -> Option<Ipv6Addr> {
        self.ipv6.parse().ok()
    }
}
