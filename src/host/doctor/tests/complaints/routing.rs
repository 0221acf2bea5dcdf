//! What is complained of: what goes through others, and what others send through this machine.

use serde_json::json;

use super::super::world::*;
use super::{Complaint, set};
use crate::host::show::State::{CannotTell, Degraded, Down};

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.exit_node_answers = Ok(Some(false));
            }),
            (
                Down,
                "gamma does not answer through the tunnel",
                "sudo tailscale set --exit-node=",
            ),
        ),
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.relays.as_mut().unwrap().mapped.clear();
                w.facts.home_relay.as_mut().unwrap().connects = false;
            }),
            (
                Down,
                "nothing that is sent through it arrives",
                "sudo tailscale set --exit-node=",
            ),
        ),
        (
            "exit-node",
            set(|w| w.prefs["ExitNodeID"] = "nobody".into()),
            (Down, "is not in this tailnet", "sudo tailscale set --exit-node="),
        ),
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.exit_node_answers = Ok(None);
            }),
            (CannotTell, "address of the exit node", ""),
        ),
        (
            "routes",
            set(offers),
            (
                Degraded,
                "waiting for approval in the admin console: 192.168.10.0/24",
                "xdg-open https://login.tailscale.com/admin/machines",
            ),
        ),
        (
            "routes",
            set(|w| expect(w, json!({"routes": ["10.9.0.0/16"], "exitNode": true}))),
            (
                Degraded,
                "offers 10.9.0.0/16, 0.0.0.0/0, ::/0, and tailscaled does not",
                "sudo systemctl restart tailscaled-set",
            ),
        ),
        (
            "forwarding",
            set(|w| {
                offers(w);
                w.facts.tailscaled.forwarding = Some("IP forwarding is disabled.\nmore".to_owned());
            }),
            (
                Down,
                "IP forwarding is disabled.",
                "sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            ),
        ),
        (
            "udp-gro",
            set(|w| {
                offers(w);
                w.facts.udp_gro = Ok(Some("UDP GRO is off".to_owned()));
            }),
            (
                Degraded,
                "UDP GRO is off",
                "sudo ethtool -K enp3s0 rx-udp-gro-forwarding on rx-gro-list off",
            ),
        ),
    ]
}
