//! The network between this machine and the others.

use super::{Outcome, count, degraded, down, judged, running, unknown, untold};
use crate::host::doctor::facts::Facts;
use crate::host::show::{Reason, State};
use crate::host::tailnet::nodes::ping;
use crate::host::tailnet::{Nat, PathKind, nat as nat_of};

/// Why the relays say nothing of this machine's own network.
const THROUGH_EXIT_NODE: &str = "what is asked goes out through the exit node";

/// Relays are reached, over UDP or at least over TCP.
pub(in crate::host::doctor) fn relays(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        let relays = facts.relays.as_ref().map_err(unknown)?;
        let answered = relays
            .regions
            .iter()
            .filter(|region| region.round_trips.iter().any(Option::is_some))
            .count();
        let all = relays.regions.len();
        if all == 0 {
            return Err(untold("the control plane knows no relays"));
        }
        let found = format!("{answered} of {} answer", count(all, "region", "regions"));
        // tailscaled itself speaks to relays past the exit node; this process does not.
        if facts.node.exit_node.is_some() && answered == 0 {
            return Err(untold(THROUGH_EXIT_NODE));
        }
        let over_tcp = facts.home_relay.as_ref().map(|home| home.connects);
        Ok(match (answered, over_tcp) {
            (0, Ok(false)) => Outcome::bad(down(
                "no relay is reached, neither over UDP nor over TCP 443",
                "tailscale netcheck",
            )),
            (0, Ok(true)) => Outcome::bad(degraded(
                "UDP is blocked: relays answer over TCP alone, and no direct path can be found. Let UDP out, port 3478 \
                 among it",
                "tailscale netcheck",
            )),
            (0, Err(_)) => Outcome::bad(degraded("no relay answers over UDP", "tailscale netcheck")),
            (_, Ok(false)) => {
                let host = facts.home_relay.as_ref().map_or("", |home| home.host.as_str());
                let text = format!("the home relay {host} is not reached over TCP: nothing can be relayed");
                Outcome::of(found, vec![degraded(text, "tailscale netcheck")])
            }
            _ => Outcome::good(found),
        })
    })
}

/// What is between this machine and the internet.
pub(in crate::host::doctor) fn nat(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        let relays = facts.relays.as_ref().map_err(unknown)?;
        let nat = nat_of(relays);
        Ok(match nat {
            // What does not matter as long as everything leaves elsewhere is no reason for a status of its own.
            _ if facts.node.exit_node.is_some() => {
                let text = format!("not known: {THROUGH_EXIT_NODE}");
                Outcome::of("not known", vec![Reason::new(State::Good, text)])
            }
            // The check `relays` says so.
            Nat::UdpBlocked => untold("UDP is blocked"),
            Nat::Unknown => untold("too few relays answered"),
            Nat::Hard => Outcome::bad(degraded(
                "each destination sees another port of this network (hard NAT): direct paths need luck. Forward UDP 41641 \
                 to this machine, or turn NAT-PMP or UPnP on in the router",
                "tailscale netcheck",
            )),
            Nat::None | Nat::Easy => Outcome::good(nat.words()),
        })
    })
}

/// How packets get to the peers that are in use.
pub(in crate::host::doctor) fn paths(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        let mut active = 0_usize;
        let mut relayed = Vec::new();
        let mut lost = Vec::new();
        for peer in facts.tailscaled.peers.iter() {
            match peer.class() {
                PathKind::Idle => continue,
                PathKind::Direct => {}
                PathKind::PeerRelay | PathKind::Derp => relayed.push((peer.name(), peer.address())),
                PathKind::None => lost.push((peer.name(), peer.address())),
            }
            active += 1;
        }
        let found = match (active, relayed.len()) {
            (0, _) => "no peer is in use".to_owned(),
            (active, 0) => format!("{}, all direct", count(active, "peer is in use", "peers are in use")),
            (active, relayed) => format!(
                "{}, {relayed} through relays",
                count(active, "peer is in use", "peers are in use")
            ),
        };
        let mut reasons = Vec::new();
        relayed.sort_unstable();
        lost.sort_unstable();
        if let Some((name, address)) = relayed.first().filter(|_| relayed.len() == active) {
            let text = "everything in use goes through relays, which is slow";
            reasons.push(degraded(text, ping(name, *address)));
        }
        if let Some((name, address)) = lost.first() {
            let names: Vec<&str> = lost.iter().map(|(name, _)| *name).collect();
            let text = format!("there is no path to {}", names.join(", "));
            reasons.push(degraded(text, ping(name, *address)));
        }
        Ok(Outcome::of(found, reasons))
    })
}
