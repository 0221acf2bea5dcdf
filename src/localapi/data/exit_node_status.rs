//! The exit node in use.

use ipnet::IpNet;

use super::received::received;
use super::stable_id::StableId;

received! {
    /// The exit node in use (`ipnstate.ExitNodeStatus`). It stays when the node goes offline, or offers it no longer: then
    /// nothing gets out.
    pub struct ExitNodeStatus {
        /// Which node.
        #[serde(rename = "ID")]
        pub id: StableId,
        /// Whether the control plane sees it.
        pub online: bool,
        /// Its addresses, as prefixes of one address.
        #[serde(rename = "TailscaleIPs")]
        pub tailscale_ips: Vec<IpNet>,
    }
}
