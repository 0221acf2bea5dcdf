//! Nodes by the names that people give them.

use std::net::IpAddr;

use crate::localapi::data::{Peer, Status};

/// What pings a peer: by its name, unless that is one which no name in the tailnet can be. A machine without one is called as it
/// calls itself, and nobody is to type what others chose.
pub(crate) fn ping(name: &str, address: Option<IpAddr>) -> String {
    let is_plain = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphanumeric())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter))
    };
    match address {
        _ if is_plain(name) => format!("tailscale ping {name}"),
        Some(address) => format!("tailscale ping {address}"),
        None => "tailscale status".to_owned(),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_that_a_machine_gave_itself_is_typed() {
        let address = Some(IpAddr::from([100, 64, 0, 1]));
        for (name, command) in [
            ("nas-2", "tailscale ping nas-2"),
            ("nas.lab-tailnet.ts.net", "tailscale ping nas.lab-tailnet.ts.net"),
            ("x; reboot", "tailscale ping 100.64.0.1"),
            ("$(reboot)", "tailscale ping 100.64.0.1"),
            ("--until-direct", "tailscale ping 100.64.0.1"),
            ("Anna\u{2019}s iPhone", "tailscale ping 100.64.0.1"),
            ("", "tailscale ping 100.64.0.1"),
        ] {
            assert_eq!(ping(name, address), command);
        }
        assert_eq!(ping("x\ny", None), "tailscale status");
    }
}
