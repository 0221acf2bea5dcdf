//! A host with a local network, a tailnet and a container bridge, each a namespace of its own, and what it answers packets.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ruleset;
use crate::support::netns::Netns;
use crate::support::probe::Answer::{Closed, Open, Prohibited, Silence};
use crate::support::probe::{self, Answer, Kind, Probe, send};
use crate::support::tool;

/// The host's addresses.
pub const LAN4: &str = "192.168.15.10";
pub const LAN6: &str = "fd00:15::10";
pub const TAILNET4: &str = "100.64.0.1";
pub const TAILNET6: &str = "fd7a:115c:a1e0::1";

/// The host, and what it is attached to.
pub struct World {
    pub host: Netns,
    pub lan: Netns,
    pub tailnet: Netns,
    pub containers: Netns,
}

impl World {
    pub fn new() -> Option<Self> {
        let host = Netns::new()?;
        let world = Self {
            lan: host.peer()?,
            tailnet: host.peer()?,
            containers: host.peer()?,
            host,
        };
        let Self {
            host,
            lan,
            tailnet,
            containers,
        } = &world;
        for namespace in [host, lan, tailnet, containers] {
            // No packets of the kernel's own about addresses that are just being made.
            sysctl(namespace, "net/ipv6/conf/default/accept_dad", 0);
            sysctl(namespace, "net/ipv6/conf/default/router_solicitations", 0);
        }
        host.connect("eth0", lan, "eth0");
        host.connect("tailscale0", tailnet, "tailscale0");
        host.connect("docker0", containers, "eth0");
        address(host, "eth0", &["192.168.15.10/24", "fd00:15::10/64", "fd00:16::10/64"]);
        address(host, "tailscale0", &["100.64.0.1/10", "fd7a:115c:a1e0::1/48"]);
        address(host, "docker0", &["172.17.0.1/16"]);
        let here = [
            "192.168.15.2/24",
            "192.168.15.3/24",
            "fd00:15::2/64",
            "fd00:15::3/64",
            "fd00:16::2/64",
        ];
        address(lan, "eth0", &here);
        // What does not belong there: a tailnet address, one that nobody knows, and a piece of the internet.
        address(
            lan,
            "eth0",
            &[
                "100.64.0.9/32",
                "203.0.113.5/32",
                "fd7a:115c:a1e0::9/128",
                "198.51.100.7/32",
            ],
        );
        address(tailnet, "tailscale0", &["100.64.0.2/10", "fd7a:115c:a1e0::2/48"]);
        address(containers, "eth0", &["172.17.0.2/16"]);
        host.ip(&["route", "add", "198.51.100.0/24", "via", "192.168.15.2"]);
        lan.ip(&["route", "add", "default", "via", LAN4]);
        tailnet.ip(&["route", "add", "default", "via", TAILNET4]);
        containers.ip(&["route", "add", "default", "via", "172.17.0.1"]);
        for namespace in [host, lan, tailnet, containers] {
            // Every refusal is to be seen, and only the rules may filter.
            sysctl(namespace, "net/ipv4/icmp_ratelimit", 0);
            sysctl(namespace, "net/ipv6/icmp/ratelimit", 0);
            sysctl(namespace, "net/ipv4/conf/all/rp_filter", 0);
        }
        sysctl(host, "net/ipv4/conf/all/forwarding", 1);
        Some(world)
    }

    pub fn load(&self, profile: &Value) {
        let ruleset = ruleset(profile).to_string();
        self.host
            .load(&ruleset)
            .unwrap_or_else(|said| panic!("{said}\n{ruleset}"));
    }

    /// How many packets the counter of the last rule of a chain has seen.
    pub fn counted(&self, chain: &str) -> u64 {
        let nft = tool::part("nft").unwrap();
        let listed = self
            .host
            .must(&nft, &["-j", "list", "chain", "inet", "tailwright", chain]);
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let items = listed["nftables"].as_array().unwrap();
        let statements = items
            .iter()
            .filter_map(|item| item["rule"]["expr"].as_array())
            .flatten();
        let counters = statements.filter_map(|statement| statement["counter"]["packets"].as_u64());
        counters.fold(None, |_, packets| Some(packets)).unwrap()
    }

    /// The same as soon as there are so many; whoever hears nothing may hear it before the packet was counted.
    pub fn counted_at_least(&self, chain: &str, least: u64) -> u64 {
        let start = Instant::now();
        loop {
            let counted = self.counted(chain);
            if counted >= least || start.elapsed() > probe::LONG {
                return counted;
            }
        }
    }
}

fn address(namespace: &Netns, interface: &str, addresses: &[&str]) {
    for address in addresses {
        let mut arguments = vec!["addr", "add", address, "dev", interface];
        if address.contains(':') {
            // Usable at once.
            arguments.push("nodad");
        }
        namespace.ip(&arguments);
    }
}

fn sysctl(namespace: &Netns, key: &str, value: u32) {
    namespace.must("/bin/sh", &["-c", &format!("echo {value} > /proc/sys/{key}")]);
}

pub fn probe(from: &str, to: &str, kind: Kind, patience: Duration) -> Probe {
    let address = |written: &str| written.parse::<IpAddr>().unwrap();
    Probe {
        from: address(from),
        to: address(to),
        kind,
        patience,
    }
}

/// An answer is waited for longer than silence.
fn patience(expected: Answer) -> Duration {
    match expected {
        Silence => probe::SHORT,
        Open | Closed | Prohibited => probe::LONG,
    }
}

/// Sends all packets at once and compares what comes back.
pub fn expect(namespace: &Netns, expected: &[(&str, &str, Kind, Answer)]) {
    let probes: Vec<_> = expected
        .iter()
        .map(|(from, to, kind, answer)| probe(from, to, *kind, patience(*answer)))
        .collect();
    let answers = send(namespace, &probes);
    let found: Vec<_> = expected
        .iter()
        .zip(answers)
        .map(|((from, to, kind, _), answer)| (*from, *to, *kind, answer))
        .collect();
    assert_eq!(found, expected);
}
