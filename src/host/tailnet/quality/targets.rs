//! Which peers are meant.

use std::net::IpAddr;

use crate::localapi::data::{PathClass, Peer, Status};

/// Which peers are meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    /// Those that are measured, by name.
    pub(super) peers: Vec<Target>,
    /// What was named and is no peer, or more than one, with why.
    pub(super) unknown: Vec<String>,
    /// How many more there are.
    pub(super) left_out: usize,
}

/// A peer to measure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// Its name.
    pub(super) name: String,
    /// Where it is pinged.
    pub(super) address: IpAddr,
    /// Whether everything goes out through it.
    pub(super) is_exit_node: bool,
}

/// Those that `named` names; where it names none, those that are online, at most `most`: the exit node first, then those in
/// use, then by name.
pub(super) fn choose(status: &Status, named: &[String], most: usize) -> Chosen {
    let mut chosen = Chosen {
        peers: Vec::new(),
        unknown: Vec::new(),
        left_out: 0,
    };
    let mut peers: Vec<&Peer> = Vec::new();
    if named.is_empty() {
        peers.extend(status.peers.0.iter().filter(|peer| peer.online && !peer.sharee_node));
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

/// The peer that is called so; else why it cannot be told which.
fn find<'a>(status: &'a Status, named: &str) -> Result<&'a Peer, String> {
    let wanted = named.trim_end_matches('.');
    let address: Option<IpAddr> = wanted.parse().ok();
    let is_meant = |peer: &&Peer| {
        address.is_some_and(|address| peer.tailscale_ips.contains(&address))
            || peer.id.as_str() == wanted
            || [peer.name().as_str(), peer.full_name(), &peer.host_name]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let found: Vec<&Peer> = status.peers.0.iter().filter(is_meant).collect();
    match found.as_slice() {
        [peer] => Ok(peer),
        [] if is_meant(&&status.this_node) => Err(format!("{named} is this node itself")),
        [] => Err(format!("there is no peer {named} in this tailnet")),
        several => {
            let mut both: Vec<&str> = several.iter().map(|peer| peer.full_name()).collect();
            both.sort_unstable();
            Err(format!("{named} may be {}", both.join(" or ")))
        }
    }
}
