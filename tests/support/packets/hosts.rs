//! Random hosts with zones, whose interfaces are those of the laboratory.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use tailwright::model::{Host, InterfaceRole};
use tailwright::profile::{Notation, load};

use super::topology::CABLES;

/// A host and the profile that means it.
#[derive(Debug, Clone)]
pub struct RandomHost {
    /// The profile.
    pub profile: Value,
    /// What it means.
    pub host: Host,
}

/// How many new connections a source may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// As many as it likes: no packet's fate depends on the packets before it.
    None,
    /// A few in a week, so that the time that a test takes does not count.
    Few,
}

/// Beginnings of interface names; each means some of the laboratory's, some more than one.
const PATTERNS: &[&str] = &[
    "br-*",
    "br-4f*",
    "e*",
    "eth*",
    "eth0.*",
    "docker*",
    "v*",
    "t*",
    "tailscale*",
];
/// Prefixes that lie in each other, on the links and elsewhere.
const PREFIXES: &[&str] = &[
    "0.0.0.0/0",
    "8.0.0.0/7",
    "9.9.9.0/24",
    "9.9.9.9",
    "10.0.0.0/8",
    "10.10.0.0/24",
    "10.10.0.128/25",
    "10.20.0.0/16",
    "10.20.5.0/24",
    "10.20.5.7",
    "10.99.0.0/16",
    "100.64.0.0/10",
    "100.64.0.0/24",
    "100.64.0.7",
    "100.115.92.0/23",
    "128.0.0.0/1",
    "172.16.0.0/12",
    "172.17.0.0/16",
    "172.17.0.64/26",
    "172.18.0.0/16",
    "192.168.0.0/16",
    "192.168.15.0/24",
    "192.168.15.64/27",
    "192.168.15.77",
    "192.168.16.0/22",
    "203.0.113.0/24",
    "255.255.255.255",
    "::/0",
    "2000::/3",
    "2606:4700::/32",
    "2606:4700::1",
    "fd00::/8",
    "fd00:15::/64",
    "fd00:15::8000:0:0:0/65",
    "fd00:15::77",
    "fd00:17::/64",
    "fd00:20::/56",
    "fd00:20::/64",
    "fd7a:115c:a1e0::/48",
    "fd7a:115c:a1e0::7",
    "fe80::/10",
];
/// What a router may advertise; with some of it lying in others, and on the internet.
const ROUTES: &[&str] = &[
    "192.168.15.0/24",
    "192.168.15.64/27",
    "10.0.0.0/8",
    "10.20.5.0/24",
    "172.16.0.0/12",
    "172.17.0.0/16",
    "9.9.9.0/24",
    "0.0.0.0/0",
    "::/0",
    "fd00:15::/64",
    "fd00:20::/56",
    "2606:4700::/32",
];
const ZONES: &[&str] = &["dmz", "internal", "admin", "isolated", "lab-2", "a", "zz_top"];
/// Known services: with one port, several, UDP, both; and one of the host's own proxy.
const SERVICES: &[&str] = &[
    "ssh",
    "dns",
    "postgresql",
    "ollama",
    "https",
    "wireguard",
    "mosquitto",
    "app",
];

/// Random hosts: some of the laboratory's interfaces, one to five zones, a tailnet or none.
pub fn hosts(limits: Limits) -> impl Strategy<Value = RandomHost> {
    let profile = (
        interfaces(),
        zones(limits),
        option(0.85, tailscale()),
        option(0.2, Just(proxy())),
    );
    profile.prop_filter_map(
        "a profile that means no host",
        |(interfaces, zones, tailscale, proxy)| {
            let mut network = json!({ "security": { "firewall-zones": zones } });
            if let Some(tailscale) = tailscale {
                network["vpn"] = json!({ "tailscale": tailscale });
            }
            if let Some(proxy) = proxy {
                network["proxy"] = json!({ "nginx-tailscale": proxy });
            }
            let profile = json!({ "host": { "name": "host", "interfaces": interfaces }, "network": network });
            RandomHost::of(profile)
        },
    )
}

/// The hosts that this seed means, without end.
pub fn seeded(seed: u64, limits: Limits) -> impl Iterator<Item = RandomHost> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = hosts(limits);
    std::iter::repeat_with(move || strategy.new_tree(&mut runner).expect("few are refused").current())
}

impl RandomHost {
    /// A profile with the host that it means; `None` where it means none without an error.
    pub fn of(profile: Value) -> Option<Self> {
        let text = profile.to_string();
        let read = load("host.json", text.as_bytes(), Some(Notation::Json), &mut |_| {
            Err("no other file".to_owned())
        });
        if read.findings.has_errors() {
            return None;
        }
        let host = read.fleet?.hosts.into_values().next()?;
        Some(Self { profile, host })
    }
}

/// The interfaces that the profile knows of; what they are is true.
fn interfaces() -> impl Strategy<Value = Value> {
    let all: Vec<usize> = (0..CABLES.len()).collect();
    subsequence(all, 0..=CABLES.len()).prop_map(|some| {
        let interfaces = some.into_iter().map(|index| {
            let cable = &CABLES[index];
            let role = cable.role.as_str();
            (
                cable.name.to_owned(),
                json!({ "role": role, "prefixes": cable.addresses }),
            )
        });
        Value::Object(interfaces.collect())
    })
}

fn zones(limits: Limits) -> impl Strategy<Value = Value> {
    let zones = proptest::collection::btree_map(select(ZONES), zone(limits), 1..6);
    let limits = match limits {
        Limits::None => json!({ "enableRateLimiting": false }),
        Limits::Few => json!({ "enableRateLimiting": true, "rateLimit": "2/week", "rateLimitBurst": 3 }),
    };
    let policy = select(vec!["drop", "drop", "reject", "reject", "accept"]);
    let sources = (reverse_path(), option(0.4, any::<bool>()));
    (zones, policy, any::<bool>(), sources).prop_map(move |(mut zones, policy, logging, (way_back, bogons))| {
        // Only zones that are there can be forwarded to.
        let names: Vec<&str> = zones.keys().copied().collect();
        for zone in zones.values_mut() {
            if let Some(to) = zone["forwardTo"].as_array_mut() {
                to.retain(|name| names.iter().any(|there| name == there));
            }
        }
        let mut group = json!({
            "enable": true,
            "zones": zones,
            "defaultPolicy": policy,
            "enableLogging": logging,
        });
        merge(&mut group, &limits);
        merge(&mut group, &way_back);
        if let Some(bogons) = bogons {
            merge(&mut group, &json!({ "blockBogons": bogons }));
        }
        group
    })
}

fn zone(limits: Limits) -> impl Strategy<Value = Value> {
    let names: Vec<&str> = CABLES.iter().map(|cable| cable.name).collect();
    let names = subsequence(names, 0..=3);
    let interfaces = (names, option(0.4, select(PATTERNS)))
        .prop_map(|(names, pattern)| names.into_iter().chain(pattern).collect::<Vec<_>>());
    let prefixes = option(0.5, subsequence(PREFIXES, 1..=5));
    let reach = (
        ports(),
        ports(),
        subsequence(SERVICES, 0..=3),
        proptest::bool::weighted(0.1),
    );
    let forwarded = option(0.35, (ports(), ports(), subsequence(&SERVICES[..7], 0..=2)));
    let between = (proptest::bool::weighted(0.2), option(0.4, subsequence(ZONES, 1..=3)));
    let own = (limited(limits), logged(), reverse_path(), option(0.25, egress()));
    (interfaces, prefixes, reach, forwarded, between, own).prop_map(
        |(interfaces, prefixes, (tcp, udp, services, all), forwarded, (deny, to), own)| {
            let (limited, logged, way_back, egress) = own;
            let mut zone = json!({
                "interfaces": interfaces,
                "allowedTCPPorts": tcp,
                "allowedUDPPorts": udp,
                "allowedServices": services,
                "allowAllServices": all,
                "denyInterzone": deny,
            });
            if let Some(prefixes) = prefixes {
                merge(&mut zone, &json!({ "allowedIPs": prefixes }));
            }
            if let Some((tcp, udp, services)) = forwarded {
                let narrowed = json!({
                    "forwardedTCPPorts": tcp,
                    "forwardedUDPPorts": udp,
                    "forwardedServices": services,
                });
                merge(&mut zone, &narrowed);
            }
            if let Some(to) = to {
                merge(&mut zone, &json!({ "forwardTo": to }));
            }
            merge(&mut zone, &limited);
            merge(&mut zone, &logged);
            merge(&mut zone, &way_back);
            if let Some(egress) = egress {
                merge(&mut zone, &egress);
            }
            zone
        },
    )
}

/// What the host itself may reach in a zone: some addresses, some ports, or some ports of some addresses.
fn egress() -> impl Strategy<Value = Value> {
    let ports = (ports(), ports(), subsequence(&SERVICES[..7], 0..=2));
    (option(0.6, subsequence(PREFIXES, 1..=4)), option(0.7, ports)).prop_map(|(prefixes, ports)| {
        let mut egress = json!({});
        if let Some(prefixes) = prefixes {
            egress["allowedEgressIPs"] = json!(prefixes);
        }
        if let Some((tcp, udp, services)) = ports {
            let ports = json!({
                "allowedEgressTCPPorts": tcp,
                "allowedEgressUDPPorts": udp,
                "allowedEgressServices": services,
            });
            merge(&mut egress, &ports);
        }
        egress
    })
}

/// Limits of a zone's own, as far as packets may depend on the ones before them.
fn limited(limits: Limits) -> BoxedStrategy<Value> {
    if limits == Limits::None {
        return Just(json!({})).boxed();
    }
    let rate = || (1..5u32, 1..5u32).prop_map(|(rate, burst)| (format!("{rate}/week"), burst));
    let own = prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({ "enableRateLimiting": false })),
        2 => rate().prop_map(|(rate, burst)| json!({ "rateLimit": rate, "rateLimitBurst": burst })),
    ];
    let service = rate().prop_map(|(rate, burst)| json!({ "rateLimit": rate, "rateLimitBurst": burst }));
    let services = option(0.5, proptest::collection::btree_map(select(SERVICES), service, 1..4));
    (own, services)
        .prop_map(|(mut own, services)| {
            if let Some(services) = services {
                merge(&mut own, &json!({ "serviceRateLimits": services }));
            }
            own
        })
        .boxed()
}

fn reverse_path() -> impl Strategy<Value = Value> {
    let modes = vec![
        json!({}),
        json!({}),
        json!({ "reversePath": "strict" }),
        json!({ "reversePath": "loose" }),
    ];
    let off = json!({ "reversePath": "off" });
    select(modes.into_iter().chain([off]).collect::<Vec<_>>())
}

fn logged() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => Just(json!({})),
        1 => any::<bool>().prop_map(|logging| json!({ "enableLogging": logging })),
        1 => Just(json!({ "logPrefix": "zone: ", "logRateLimit": "3/minute" })),
    ]
}

fn tailscale() -> impl Strategy<Value = Value> {
    let flag = any::<bool>;
    let routes = subsequence(ROUTES, 0..=4);
    let port = select(vec![41_641, 5353, 0]);
    (flag(), flag(), flag(), flag(), routes, port).prop_map(|(router, exit, accept, open, routes, port)| {
        json!({
            "enable": true,
            "enableSubnetRouter": router,
            "exitNode": exit,
            "acceptRoutes": accept,
            "openFirewall": open,
            "advertiseRoutes": routes,
            "port": port,
        })
    })
}

/// A proxy whose service `app` is reached on a port of its own.
fn proxy() -> Value {
    json!({
        "enable": true,
        "tailnetDomain": "example.ts.net",
        "services": { "app": { "enable": true, "expose": "port", "upstreamPort": 3000, "port": 8443 } },
    })
}

/// Ports, single and in ranges, that touch and overlap, and the ends of the numbers.
fn ports() -> impl Strategy<Value = Vec<Value>> {
    let port = prop_oneof![
        select(vec![1u16, 22, 53, 67, 80, 81, 82, 443, 546, 1000, 8080, 65_534, 65_535]).prop_map(|port| json!(port)),
        any::<u16>().prop_map(|port| json!(port.max(1))),
        (1u16..=1000, 0u16..200).prop_map(|(first, length)| json!(format!("{first}-{}", first + length))),
        (1u16..=60_000, 0u16..5000).prop_map(|(first, length)| json!(format!("{first}-{}", first + length))),
    ];
    proptest::collection::vec(port, 0..5)
}

fn option<S: Strategy>(weight: f64, value: S) -> impl Strategy<Value = Option<S::Value>> {
    proptest::option::weighted(weight, value)
}

fn merge(object: &mut Value, more: &Value) {
    let none = Map::new();
    for (name, value) in more.as_object().unwrap_or(&none) {
        object[name] = value.clone();
    }
}
