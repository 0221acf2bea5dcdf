//! The other nodes, as they are shown.

use super::seen::{Class, Path, PeerSeen};
use crate::host::tailnet::login::owner;
use crate::host::tailnet::when::written;
use crate::localapi::data::{PathClass, Peer, Status};

/// The other nodes of this tailnet by name. Those of another tailnet whose owner was let share something are left out.
pub(super) fn peers(status: &Status) -> Vec<PeerSeen> {
    let mut peers: Vec<PeerSeen> = status
        .peers
        .0
        .iter()
        .filter(|peer| !peer.sharee_node)
        .map(|peer| seen(peer, status))
        .collect();
    peers.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    peers
}

fn seen(peer: &Peer, status: &Status) -> PeerSeen {
    PeerSeen {
        name: peer.name(),
        full_name: peer.full_name().to_owned(),
        id: peer.id.to_string(),
        addresses: peer.tailscale_ips.iter().map(ToString::to_string).collect(),
        owner: owner(peer, status),
        os: peer.os.clone(),
        online: peer.online,
        last_seen: peer.last_seen.unix().map(written),
        path: path(peer),
        last_handshake: peer.last_handshake.unix().map(written),
        received_bytes: peer.rx_bytes,
        sent_bytes: peer.tx_bytes,
        exit_node: peer.exit_node,
        offers_exit_node: peer.exit_node_option,
        routes: peer.primary_routes.iter().map(ToString::to_string).collect(),
        last_seen_unix: peer.last_seen.unix(),
    }
}

/// How packets get to a node.
pub(super) fn path(node: &Peer) -> Path {
    let (class, via) = match node.path() {
        PathClass::Idle => (Class::Idle, None),
        PathClass::Direct(address) => (Class::Direct, Some(address)),
        PathClass::PeerRelay(relay) => (Class::PeerRelay, Some(relay)),
        PathClass::Derp(region) => (Class::Derp, Some(region)),
        PathClass::None => (Class::None, None),
    };
    Path { class, via }
}
