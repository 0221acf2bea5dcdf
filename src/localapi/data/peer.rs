//! A node, as this one sees it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::location::Location;
use super::path_class::PathClass;
use super::received::received;
use super::stable_id::StableId;
use super::time::Time;

received! {
    /// A node, as this one sees it (`ipnstate.PeerStatus`).
    pub struct Peer {
        /// Its name that never changes.
        #[serde(rename = "ID")]
        pub id: StableId,
        /// Its number, which the bus uses.
        #[serde(rename = "NodeID")]
        pub node_id: i64,
        /// The name that its operating system has.
        pub host_name: String,
        /// Its full name in the tailnet, with a dot at the end.
        #[serde(rename = "DNSName")]
        pub dns_name: String,
        /// `linux`, `macOS`, `windows`, `iOS`, …
        #[serde(rename = "OS")]
        pub os: String,
        /// Whose it is.
        #[serde(rename = "UserID")]
        pub user_id: i64,
        /// Its addresses.
        #[serde(rename = "TailscaleIPs")]
        pub tailscale_ips: Vec<IpAddr>,
        /// What it may be the way to, its own addresses included.
        #[serde(rename = "AllowedIPs")]
        pub allowed_ips: Vec<IpNet>,
        /// Its tags; then it is nobody's.
        pub tags: Vec<String>,
        /// The prefixes that the control plane has chosen it for, out of those that advertise them.
        pub primary_routes: Vec<IpNet>,
        /// Where it can be reached (of this node only).
        pub addrs: Vec<String>,
        /// The address and port that packets to it go to; empty where there is no direct path.
        pub cur_addr: String,
        /// The code of its home DERP region.
        pub relay: String,
        /// The peer relay that packets to it go through: `ip:port:vni:N`; empty where there is none.
        pub peer_relay: String,
        /// Bytes that came from it since tailscaled started.
        pub rx_bytes: u64,
        /// Bytes that went to it since tailscaled started.
        pub tx_bytes: u64,
        /// When the control plane saw it last; never where it sees it now.
        pub last_seen: Time,
        /// When the last WireGuard handshake was.
        pub last_handshake: Time,
        /// Whether the control plane sees it. It says nothing about whether packets arrive.
        pub online: bool,
        /// Whether it is the exit node in use.
        pub exit_node: bool,
        /// Whether it may be an exit node: it offers it and is allowed to.
        pub exit_node_option: bool,
        /// Whether a packet went to it in the last two minutes or so.
        pub active: bool,
        /// Whether it belongs to another tailnet, whose owner was let share something here.
        pub sharee_node: bool,
        /// Whether its key has expired.
        pub expired: bool,
        /// When its key expires; never where it does not.
        pub key_expiry: Time,
        /// Where it is, if it says so.
        pub location: Option<Location>,
    }
}

impl Peer {
    /// The name to call it by: the first label of its name in the tailnet, or what its operating system says, or its
    /// first address.
    pub fn name(&self) -> String {
        let label = self.dns_name.split('.').next().unwrap_or_default();
        [label, &self.host_name]
            .into_iter()
            .find(|name| !name.is_empty())
            .map(str::to_owned)
            .or_else(|| self.tailscale_ips.first().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Its full name without the dot at the end.
    pub fn full_name(&self) -> &str {
        self.dns_name.trim_end_matches('.')
    }

    /// How packets get to it.
    pub fn path(&self) -> PathClass {
        PathClass::of(self)
    }

    /// The prefixes that it is the way to, without its own addresses.
    pub fn routes(&self) -> impl Iterator<Item = &IpNet> {
        let is_own = |prefix: &&IpNet| {
            prefix.prefix_len() == prefix.max_prefix_len() && self.tailscale_ips.contains(&prefix.addr())
        };
        self.allowed_ips.iter().filter(move |prefix| !is_own(prefix))
    }
}
