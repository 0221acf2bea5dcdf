//! Pings.

use std::time::Duration;

use super::received::received;

/// What is sent (`tailcfg.PingType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PingKind {
    /// A discovery message, below WireGuard: it shows the path, and no firewall of the peer stops it.
    Disco,
    /// Through WireGuard, answered by the peer's tailscaled.
    Tsmp,
    /// Through WireGuard, answered by the peer's operating system.
    Icmp,
}

impl PingKind {
    /// As tailscaled spells it. It tells small from capital letters, and does not answer at all to what it does not know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disco => "disco",
            Self::Tsmp => "TSMP",
            Self::Icmp => "ICMP",
        }
    }
}

received! {
    /// What came back from a ping (`ipnstate.PingResult`).
    pub struct Pong {
        /// The address that was asked.
        #[serde(rename = "IP")]
        pub ip: String,
        /// The first address of the node that answered.
        #[serde(rename = "NodeIP")]
        pub node_ip: String,
        /// Its name.
        pub node_name: String,
        /// Why there was no ping; empty where there was one.
        pub err: String,
        /// From the question to the answer, in seconds.
        pub latency_seconds: f64,
        /// The address and port that answered (disco, direct).
        pub endpoint: String,
        /// The peer relay it came through (disco).
        pub peer_relay: String,
        /// The DERP region it came through (disco); 0 for none.
        #[serde(rename = "DERPRegionID")]
        pub derp_region_id: i64,
        /// Its code.
        #[serde(rename = "DERPRegionCode")]
        pub derp_region_code: String,
        /// Whether the address is one of this node.
        #[serde(rename = "IsLocalIP")]
        pub is_local_ip: bool,
    }
}

impl Pong {
    /// From the question to the answer. What is no span of time counts as none.
    pub fn latency(&self) -> Duration {
        Duration::try_from_secs_f64(self.latency_seconds).unwrap_or_default()
    }
}
