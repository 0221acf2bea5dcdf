//! One line of the bus.

use std::collections::BTreeMap;

use super::backend_state::BackendState;
use super::prefs::Prefs;
use super::received::received;
use super::stable_id::StableId;
use super::status::Status;
use super::warning::Warning;

received! {
    /// One line of the bus (`ipn.Notify`): what has changed; nothing means unchanged.
    pub struct Notify {
        /// The version of tailscaled with its build.
        pub version: String,
        /// In the first line with the state: the name of this stream.
        #[serde(rename = "SessionID")]
        pub session_id: String,
        /// What went wrong.
        pub err_message: Option<String>,
        /// What it is doing.
        pub state: Option<BackendState>,
        /// What it is told to do.
        pub prefs: Option<Box<Prefs>>,
        /// Everything, in the first line (since 1.98).
        pub initial_status: Option<Box<Status>>,
        /// The whole map of the network: versions before 1.98 send it at every change, later ones once.
        pub net_map: Option<NetMap>,
        /// This node has changed.
        pub self_change: Option<Node>,
        /// Nodes that are new or have changed.
        pub peers_changed: Vec<Node>,
        /// Nodes that are gone, by their numbers.
        pub peers_removed: Vec<i64>,
        /// What has changed of nodes.
        pub peer_changed_patch: Vec<PeerPatch>,
        /// Everything that is wrong now.
        pub health: Option<Health>,
        /// The exit node that tailscaled would take.
        pub suggested_exit_node: Option<StableId>,
    }
}

impl Notify {
    /// Whether it says that other nodes have come, gone or changed in a way that only the status tells.
    pub fn changes_nodes(&self) -> bool {
        self.net_map.is_some()
            || self.self_change.is_some()
            || !self.peers_changed.is_empty()
            || !self.peers_removed.is_empty()
            || self.peer_changed_patch.iter().any(|patch| patch.online.is_none())
    }
}

received! {
    /// A node on the bus (`tailcfg.Node`).
    pub struct Node {
        /// Its number.
        #[serde(rename = "ID")]
        pub id: i64,
        /// Its full name, with a dot at the end.
        pub name: String,
        /// Whether the control plane sees it.
        pub online: Option<bool>,
    }
}

received! {
    /// The map of the network, as far as it matters that there was one (`netmap.NetworkMap`).
    pub struct NetMap {
        /// The other nodes.
        pub peers: Vec<Node>,
    }
}

received! {
    /// What has changed of a node (`tailcfg.PeerChange`).
    pub struct PeerPatch {
        /// Its number.
        #[serde(rename = "NodeID")]
        pub node_id: i64,
        /// Whether the control plane sees it.
        pub online: Option<bool>,
        /// Its home DERP region.
        #[serde(rename = "DERPRegion")]
        pub derp_region: i64,
    }
}

received! {
    /// Everything that is wrong (`health.State`).
    pub struct Health {
        /// By code.
        pub warnings: BTreeMap<String, Warning>,
    }
}
