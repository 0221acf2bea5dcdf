//! Our table beside those of others: what happens to real packets in each combination is what docs/firewall.md says.
//!
//! The tables of the others are written after what these programs make; they are not started.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::firewall::ruleset;
use crate::support::packets::{Fate, Lab, Packet, PacketKind};

/// The others, each in a file of `tests/coexistence/`.
const OTHERS: [(&str, &[&str]); 6] = [
    ("alone", &[]),
    ("tailscaled", &["tailscaled-nftables"]),
    ("Docker", &["docker"]),
    ("libvirt", &["libvirt"]),
    ("nixos-fw", &["nixos-fw"]),
    ("all", &["tailscaled-nftables", "docker", "libvirt", "nixos-fw"]),
];

/// A subnet router with Docker and virtual machines; the interfaces are those of the laboratory.
fn profile() -> Value {
    json!({
        "host": { "name": "a", "interfaces": {
            "eth0": { "role": "wan", "prefixes": ["203.0.113.10/24"] },
            "enp3s0": { "role": "lan", "prefixes": ["192.168.15.10/24"] },
            "docker0": { "role": "bridge", "prefixes": ["172.17.0.1/16"] },
            "virbr0": { "role": "bridge", "prefixes": ["192.168.122.1/24"] },
        } },
        "network": {
            "vpn": { "tailscale": { "enable": true, "enableSubnetRouter": true, "advertiseRoutes": ["192.168.15.0/24"] } },
            "security": { "firewall-zones": { "enable": true, "zones": {
                "tailnet": { "interfaces": ["tailscale0"], "allowedServices": ["ssh"] },
                "lan": { "interfaces": ["enp3s0"], "allowedServices": ["ssh"] },
                "wan": { "interfaces": ["eth0"], "allowedTCPPorts": [443] },
                "containers": { "interfaces": ["docker0"], "allowedServices": ["dns"], "forwardedTCPPorts": [80] },
            } } },
        },
    })
}

const WAN: &str = "203.0.113.10";
const LAN: &str = "192.168.15.10";
const TAILNET: &str = "100.101.102.103";
const STRANGER: &str = "9.9.9.9";
const NEIGHBOUR: &str = "192.168.15.77";
const PEER: &str = "100.64.0.7";
const CONTAINER: &str = "172.17.0.2";
const GUEST: &str = "192.168.122.9";

/// Packets that begin a connection, as the documentation calls them.
fn packets() -> Vec<(&'static str, Packet)> {
    let tcp = PacketKind::tcp;
    let udp = PacketKind::udp;
    [
        (
            "tailnet to host, ssh (zone admits)",
            "tailscale0",
            PEER,
            TAILNET,
            tcp(22),
        ),
        (
            "tailnet to host, 9999 (nobody admits)",
            "tailscale0",
            PEER,
            TAILNET,
            tcp(9999),
        ),
        ("LAN to host, ssh (zone admits)", "enp3s0", NEIGHBOUR, LAN, tcp(22)),
        ("internet to host, 443 (zone admits)", "eth0", STRANGER, WAN, tcp(443)),
        ("internet to host, WireGuard", "eth0", STRANGER, WAN, udp(41641)),
        ("internet to host, forged tailnet address", "eth0", PEER, WAN, tcp(443)),
        (
            "guest of libvirt to host, DNS (in no zone)",
            "virbr0",
            GUEST,
            "192.168.122.1",
            udp(53),
        ),
        (
            "container to host, DNS (zone admits)",
            "docker0",
            CONTAINER,
            "172.17.0.1",
            udp(53),
        ),
        (
            "tailnet to LAN (advertised route)",
            "tailscale0",
            PEER,
            NEIGHBOUR,
            tcp(80),
        ),
        (
            "tailnet to internet (no exit node)",
            "tailscale0",
            PEER,
            STRANGER,
            tcp(80),
        ),
        ("LAN to internet", "enp3s0", NEIGHBOUR, STRANGER, tcp(80)),
        (
            "internet to published 8080 (zone forwards 80)",
            "eth0",
            STRANGER,
            WAN,
            tcp(8080),
        ),
        (
            "internet to published 9090 (zone forwards no 9000)",
            "eth0",
            STRANGER,
            WAN,
            tcp(9090),
        ),
        ("container to internet", "docker0", CONTAINER, STRANGER, tcp(80)),
        ("guest of libvirt to internet", "virbr0", GUEST, STRANGER, tcp(80)),
        ("internet to guest of libvirt", "eth0", STRANGER, GUEST, tcp(80)),
    ]
    .into_iter()
    .map(|(name, iif, src, dst, kind)| (name, Packet::new(iif, src, dst, kind)))
    .collect()
}

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/coexistence/{name}.nft", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What happens to the packets beside the tables of those files.
fn fates(lab: &mut Lab, files: &[&str], ours: &str) -> Vec<Fate> {
    let mut text: String = files.iter().map(|name| fixture(name)).collect();
    text.push_str(ours);
    lab.load(&text).unwrap_or_else(|said| panic!("{files:?}: {said}"));
    let packets: Vec<Packet> = packets().into_iter().map(|(_, packet)| packet).collect();
    lab.send(&packets)
}

fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Accepted => "in",
        Fate::Forwarded { .. } => "through",
        Fate::Sent { .. } => "sent",
        Fate::Dropped(_) => "dropped",
        Fate::Rejected(..) => "rejected",
        Fate::Unrouted => "not routed",
        Fate::Incomplete => "incomplete",
    }
}

fn is_let_through(fate: &Fate) -> bool {
    matches!(fate, Fate::Accepted | Fate::Forwarded { .. })
}

#[test]
fn verdicts_are_as_documented() {
    let Some(mut lab) = Lab::new() else { return };
    let ours = ruleset(&profile()).to_string();
    let columns: Vec<Vec<Fate>> = OTHERS.iter().map(|(_, files)| fates(&mut lab, files, &ours)).collect();
    let mut table = String::from("| a new connection | ");
    let names: Vec<&str> = OTHERS.iter().map(|(name, _)| *name).collect();
    writeln!(table, "{} |\n|---|{}", names.join(" | "), "---|".repeat(names.len())).unwrap();
    for (row, (name, _)) in packets().iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|fates| word(&fates[row])).collect();
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/firewall.md");
    let documented = std::fs::read_to_string(path).unwrap();
    assert!(
        documented.contains(&table),
        "docs/firewall.md says otherwise than the kernel:\n{table}"
    );
}

#[test]
fn nobody_opens_what_we_close_and_we_open_nothing_that_others_close() {
    let Some(mut lab) = Lab::new() else { return };
    let ours = ruleset(&profile()).to_string();
    // Docker's translation of destinations changes where a packet goes: it is compared with what is there without us.
    let alone = fates(&mut lab, &[], &ours);
    for (name, files) in OTHERS.iter().skip(1) {
        let without_us = fates(&mut lab, files, "");
        let with_us = fates(&mut lab, files, &ours);
        let is_translated = |packet: &str| files.contains(&"docker") && packet.contains("published");
        for (row, (packet, _)) in packets().into_iter().enumerate() {
            if is_let_through(&with_us[row]) {
                assert!(is_let_through(&without_us[row]), "{packet} beside {name}: only with us");
                assert!(
                    is_translated(packet) || is_let_through(&alone[row]),
                    "{packet} beside {name}: we drop it"
                );
            } else {
                let is_closed = !is_let_through(&without_us[row]) || !is_let_through(&alone[row]);
                assert!(
                    is_translated(packet) || is_closed,
                    "{packet} beside {name}: nobody drops it alone"
                );
            }
        }
    }
}

/// In which way tailscaled writes its rules makes no difference to anybody.
#[test]
fn both_modes_of_tailscaled_are_one() {
    let Some(mut lab) = Lab::new() else { return };
    let ours = ruleset(&profile()).to_string();
    let mut letting_through = 0;
    for beside in [
        &[][..],
        &["docker"],
        &["libvirt", "nixos-fw"],
        &["docker", "libvirt", "nixos-fw"],
    ] {
        for ours in [ours.as_str(), ""] {
            let mut with = |mode: &'static str| {
                let files: Vec<&str> = std::iter::once(mode).chain(beside.iter().copied()).collect();
                fates(&mut lab, &files, ours)
            };
            let nftables = with("tailscaled-nftables");
            assert_eq!(nftables, with("tailscaled-iptables"), "{beside:?}");
            letting_through += nftables.iter().filter(|fate| is_let_through(fate)).count();
        }
    }
    assert!(letting_through > 20, "{letting_through}");
}

/// The order in which the tables were loaded decides nothing: all of them have priorities.
#[test]
fn who_came_first_makes_no_difference() {
    let Some(mut lab) = Lab::new() else { return };
    let ours = ruleset(&profile()).to_string();
    let (_, files) = OTHERS[5];
    let others: String = files.iter().map(|name| fixture(name)).collect();
    let packets: Vec<Packet> = packets().into_iter().map(|(_, packet)| packet).collect();
    let mut send = |text: String| {
        lab.load(&text).unwrap();
        lab.send(&packets).iter().map(is_let_through).collect::<Vec<_>>()
    };
    assert_eq!(send(format!("{others}{ours}")), send(format!("{ours}{others}")));
}
