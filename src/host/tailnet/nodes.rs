//! Nodes by the names that people give them.

use std::net::IpAddr;

use crate::localapi::data::{Peer, Status};

/// The peer that is called so; else why it cannot be told which.
pub(crate) fn find<'a>(status: &'a Status, named: &str) -> Result<&'a Peer, String> {
    let wanted = named.trim_end_matches('.');
    let address: Option<IpAddr> = wanted.parse().ok();
    let is_called = |peer: &&Peer| {
        address.is_some_and(|address| peer.tailscale_ips.contains(&address))
            || peer.id.as_str() == wanted
            || [peer.name().as_str(), peer.full_name()]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let calls_itself = |peer: &&Peer| peer.host_name.eq_ignore_ascii_case(wanted);
    let mut found: Vec<&Peer> = status.peers.0.iter().filter(is_called).collect();
    // What a machine calls itself is its own choice: it counts only where it takes no other's name.
    if found.is_empty() {
        found = status.peers.0.iter().filter(calls_itself).collect();
    }
    let is_meant = |peer: &&Peer| is_called(peer) || calls_itself(peer);
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
