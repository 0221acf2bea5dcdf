//! What the kernel does with packets under the zones of a host: the laboratory that sees it, plain rules that say the same, and
//! the comparison of all with the evaluator.

mod broken_rules;
mod differential;
mod laboratory;
mod marks;
mod mutants;
mod plain_rules;

use serde_json::json;
use tailwright::firewall;
use tailwright::model::Host;

use crate::support::packets::hosts::RandomHost;
use crate::support::packets::{Lab, Observation, Packet, linear};

/// The host's addresses on the interfaces that the tests use most.
const WAN: [&str; 2] = ["203.0.113.10", "2001:db8:113::10"];

const LAN: [&str; 2] = ["192.168.15.10", "fd00:15::10"];

/// Somebody on the internet, on the local network, in the tailnet; somebody behind Docker's bridge.
const STRANGER: [&str; 2] = ["9.9.9.9", "2606:4700::1"];

fn observe(lab: &mut Lab, packets: &[Packet], ruleset: &str) -> Vec<Observation> {
    lab.load(ruleset).unwrap_or_else(|said| panic!("{said}\n{ruleset}"));
    lab.observe(packets)
}

/// What was seen of the same packets under two rulesets, where it differs.
fn differences(packets: &[Packet], one: &[Observation], other: &[Observation]) -> Vec<String> {
    assert_eq!((one.len(), other.len()), (packets.len(), packets.len()));
    packets
        .iter()
        .zip(one.iter().zip(other))
        .filter(|(_, (one, other))| one != other)
        .map(|(packet, (one, other))| format!("{packet:?}\n  {one:?}\n  {other:?}"))
        .collect()
}

/// The compiled zones of a host do with the packets what plain rules do.
fn agrees(lab: &mut Lab, host: &Host, packets: &[Packet], profile: &str) {
    let plain = linear(host).expect("zones");
    let compiled = firewall::compile(host).expect("zones").to_string();
    let (plain, compiled) = (observe(lab, packets, &plain), observe(lab, packets, &compiled));
    let wrong = differences(packets, &plain, &compiled);
    assert!(
        wrong.is_empty(),
        "{} packets, under plain rules and compiled ones:\n{}\n{profile}",
        wrong.len(),
        wrong.join("\n"),
    );
}

/// A number that a longer run may say otherwise.
fn asked(variable: &str, otherwise: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(otherwise, |asked| {
        asked.parse().unwrap_or_else(|_| panic!("{variable} is no number"))
    })
}

/// A host in whose zones every part of the plain rules decides something.
fn host_with_everything() -> RandomHost {
    let profile = json!({
        "host": {
            "name": "host",
            "interfaces": {
                "eth0": { "role": "wan", "prefixes": ["203.0.113.10/24"] },
                "enp3s0": { "role": "lan", "prefixes": ["192.168.15.10/24"] },
                "docker0": { "role": "bridge", "prefixes": ["172.17.0.1/16"] },
            },
        },
        "network": {
            "vpn": { "tailscale": {
                "enable": true,
                "enableSubnetRouter": true,
                "exitNode": true,
                "openFirewall": true,
                "advertiseRoutes": ["192.168.15.0/24"],
            } },
            "security": { "firewall-zones": {
                "enable": true,
                "defaultPolicy": "reject",
                "enableRateLimiting": false,
                "zones": {
                    "dmz": { "interfaces": ["eth0"], "allowedTCPPorts": ["8000-8100"], "reversePath": "strict" },
                    "internal": { "interfaces": ["tailscale0", "br-*"], "allowedServices": ["ssh", "dns"] },
                    "admin": { "interfaces": ["enp3s0"], "allowedIPs": ["192.168.15.64/27"], "allowAllServices": true },
                    "isolated": { "interfaces": ["virbr0"], "denyInterzone": true, "allowedEgressServices": ["ssh"] },
                    "containers": {
                        "interfaces": ["docker0"],
                        "forwardedTCPPorts": [80],
                        "forwardTo": ["dmz"],
                        "allowedEgressIPs": ["172.17.0.64/26"],
                    },
                },
            } },
        },
    });
    RandomHost::of(profile).expect("a good profile")
}
