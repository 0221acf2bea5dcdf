//! The state of tailscaled.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::backend_state::BackendState;
use super::client_version::ClientVersion;
use super::exit_node_status::ExitNodeStatus;
use super::peer::Peer;
use super::received::received;
use super::stable_id::StableId;
use super::tailnet::Tailnet;
use super::user::User;

received! {
    /// The state of tailscaled (`ipnstate.Status`).
    pub struct Status {
        /// Its version with its build.
        pub version: String,
        /// Whether it has a network interface; else it is in userspace-networking mode.
        #[serde(rename = "TUN")]
        pub tun: bool,
        /// What it is doing.
        pub backend_state: BackendState,
        /// Whether it has logged in once.
        pub have_node_key: bool,
        /// Where to log in, while it waits for that.
        #[serde(rename = "AuthURL")]
        pub auth_url: String,
        /// The addresses of this node.
        #[serde(rename = "TailscaleIPs")]
        pub tailscale_ips: Vec<IpAddr>,
        /// This node.
        #[serde(rename = "Self")]
        pub this_node: Peer,
        /// The exit node in use, where there is one.
        pub exit_node_status: Option<ExitNodeStatus>,
        /// What is wrong, in sentences. A control plane that is gone is missing here for eight minutes.
        pub health: Vec<String>,
        /// The tailnet; nothing while disconnected.
        pub current_tailnet: Option<Tailnet>,
        /// The names that it can have certificates for.
        pub cert_domains: Vec<String>,
        /// The other nodes.
        #[serde(rename = "Peer")]
        pub peers: Peers,
        /// Whose nodes they are.
        #[serde(rename = "User")]
        pub users: BTreeMap<String, User>,
        /// Whether there is a newer version, where the control plane says so.
        pub client_version: Option<ClientVersion>,
    }
}

impl Status {
    /// The node with that name that never changes, this one included.
    pub fn node(&self, id: &StableId) -> Option<&Peer> {
        std::iter::once(&self.this_node)
            .chain(&self.peers.0)
            .find(|node| node.id == *id)
    }

    /// Whose that node is.
    pub fn user_of(&self, node: &Peer) -> Option<&User> {
        self.users.get(&node.user_id.to_string())
    }
}

/// The other nodes, in no order. tailscaled writes them by their key, which nobody needs: it is in the way of neither the
/// reader nor the memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peers(pub Vec<Peer>);

impl<'de> Deserialize<'de> for Peers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Vec<Peer>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the peers by their keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut peers = Vec::new();
                while let Some((_, peer)) = map.next_entry::<IgnoredAny, Option<Peer>>()? {
                    // After logging out some versions keep peers that are nobody any more.
                    peers.extend(peer.filter(|peer| !peer.id.is_empty()));
                }
                Ok(peers)
            }
        }

        deserializer.deserialize_map(Values).map(Self)
    }
}
