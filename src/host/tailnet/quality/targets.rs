//! Which peers are meant.

use std::net::IpAddr;

use crate::host::tailnet::nodes::find;
use crate::localapi::data::{PathClass, Peer, Status};

/// Which peers are meant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chosen {
    /// Those that are measured, by name.
    pub(crate) peers: Vec<Target>,
    /// What was named and is no peer, or more than one, with why.
    pub(crate) unknown: Vec<String>,
    /// How many more there are.
    pub(crate) left_out: usize,
}

/// A peer to measure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    /// Where it is pinged.
    pub(crate) address: IpAddr,
    /// Whether everything goes out through it.
    pub(crate) is_exit_node: bool,
}

/// Those that `named` names; where it names none, those that are online, at most `most`: the exit node first, whether the
/// control plane sees it or not, as everything goes through it; then those in use, then by name.
pub(crate) fn choose(status: &Status, named: &[String], most: usize) -> Chosen {
    let mut chosen = Chosen {
        peers: Vec::new(),
        unknown: Vec::new(),
        left_out: 0,
    };
    let mut peers: Vec<&Peer> = Vec::new();
    if named.is_empty() {
        let matters = |peer: &&Peer| peer.exit_node || (peer.online && !peer.sharee_node);
        peers.extend(status.peers.0.iter().filter(matters));
        peers.sort_by_cached_key(|peer| (!peer.exit_node, peer.path() == PathClass::Idle, peer.name()));
        chosen.left_out = peers.len().saturating_sub(most);
        peers.truncate(most);
    } else {
        for name in named {
            match find(status, name) {
                Ok(peer) if peers.contains(&peer) => {}
                Ok(peer) => peers.push(peer),
                Err(why) => chosen.unknown.push(why),
            }
        }
    }
    let mut peers: Vec<Target> = peers.into_iter().filter_map(target).collect();
    peers.sort_by(|a, b| a.name.cmp(&b.name));
    chosen.peers = peers;
    chosen
}

fn target(peer: &Peer) -> Option<Target> {
    Some(Target {
        name: peer.name(),
        address: *peer.tailscale_ips.first()?,
        is_exit_node: peer.exit_node,
    })
}
