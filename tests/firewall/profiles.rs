//! Random profiles of hosts with a zone firewall.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const INTERFACES: &[&str] = &[
    "eth0",
    "eth1",
    "wan0",
    "docker0",
    "br-lan",
    "br-7f3a",
    "vlan.10",
    "tailscale0",
    "wg0",
];
const PATTERNS: &[&str] = &["br-*", "br-7*", "eth*", "tail*", "v*"];
/// Prefixes that lie in each other, of both families.
const PREFIXES: &[&str] = &[
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.0/24",
    "10.1.2.3",
    "192.168.15.0/24",
    "172.17.0.0/16",
    "100.64.0.0/10",
    "100.64.0.7",
    "203.0.113.0/24",
    "::/0",
    "fd00::/8",
    "fd00:15::/64",
    "fd7a:115c:a1e0::/48",
    "2001:db8::1",
];
const ROUTES: &[&str] = &[
    "192.168.15.0/24",
    "172.17.0.0/16",
    "10.1.0.0/16",
    "fd00:15::/64",
    "0.0.0.0/0",
];
const ZONES: &[&str] = &["dmz", "internal", "admin", "isolated", "drop", "ip", "a-b_c", "input"];
const SERVICES: &[&str] = &["ssh", "dns", "postgresql", "ollama", "https", "nobody-knows-this"];

fn some(of: &'static [&'static str], at_most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(of, 0..=at_most)
}

fn ports() -> impl Strategy<Value = Vec<Value>> {
    let port = prop_oneof![
        (1u16..=65535).prop_map(|port| json!(port)),
        select(vec![22u16, 80, 443, 5432]).prop_map(|port| json!(port)),
        (1u16..=60000, 1u16..5000).prop_map(|(first, length)| json!(format!("{first}-{}", first + length))),
    ];
    proptest::collection::vec(port, 0..5)
}

/// An option that is written or not.
type Field = Option<(&'static str, Value)>;

fn maybe<T: Into<Value> + std::fmt::Debug>(
    name: &'static str,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Field> {
    proptest::option::weighted(0.6, value)
        .prop_map(move |value| value.map(|value| (name, value.into())))
        .boxed()
}

fn object(fields: Vec<BoxedStrategy<Field>>) -> impl Strategy<Value = Value> {
    fields.prop_map(|fields| {
        let fields = fields.into_iter().flatten();
        Value::Object(
            fields
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>(),
        )
    })
}

fn zone() -> impl Strategy<Value = Value> {
    let interfaces = (some(INTERFACES, 3), some(PATTERNS, 1)).prop_map(|(names, patterns)| [names, patterns].concat());
    object(vec![
        maybe("interfaces", interfaces),
        maybe("allowedIPs", some(PREFIXES, 4)),
        maybe("allowedTCPPorts", ports()),
        maybe("allowedUDPPorts", ports()),
        maybe("allowedServices", some(SERVICES, 3)),
        maybe("allowAllServices", proptest::bool::weighted(0.1)),
        maybe("denyInterzone", proptest::bool::weighted(0.2)),
        maybe("forwardedTCPPorts", ports()),
        maybe("forwardedServices", some(SERVICES, 2)),
        maybe("forwardTo", some(ZONES, 2)),
        maybe("enableRateLimiting", any::<bool>()),
        maybe("rateLimit", rate()),
        maybe("rateLimitBurst", any::<u32>()),
        maybe("serviceRateLimits", service_limits()),
        maybe("enableLogging", any::<bool>()),
        maybe("logPrefix", "[ !#%-\\[\\]-~]{1,127}"),
        maybe("logRateLimit", rate()),
        maybe("logRateLimitBurst", any::<u32>()),
        maybe("reversePath", select(vec!["strict", "loose", "off"])),
        maybe("allowedEgressIPs", some(PREFIXES, 3)),
        maybe("allowedEgressTCPPorts", ports()),
        maybe("allowedEgressUDPPorts", ports()),
        maybe("allowedEgressServices", some(SERVICES, 2)),
    ])
}

fn rate() -> impl Strategy<Value = &'static str> {
    select(vec!["50/second", "3/minute", "1/week"])
}

fn service_limits() -> impl Strategy<Value = Value> {
    let limit = (rate(), any::<u32>()).prop_map(|(rate, burst)| json!({ "rateLimit": rate, "rateLimitBurst": burst }));
    proptest::collection::btree_map(select(SERVICES), limit, 0..3).prop_map(|limits| json!(limits))
}

fn zones() -> impl Strategy<Value = Value> {
    let zones = proptest::collection::btree_map(select(ZONES), zone(), 1..6)
        .prop_map(|zones| json!(zones))
        .boxed();
    let policy = select(vec!["drop", "reject", "accept"]);
    object(vec![
        Just(Some(("enable", json!(true)))).boxed(),
        zones.prop_map(|zones| Some(("zones", zones))).boxed(),
        maybe("defaultPolicy", policy),
        maybe("enableLogging", any::<bool>()),
        maybe("logPrefix", "[ !#%-\\[\\]-~]{1,127}"),
        maybe("enableRateLimiting", any::<bool>()),
        maybe("rateLimit", rate()),
        maybe("rateLimitBurst", any::<u32>()),
        maybe("logRateLimit", rate()),
        maybe("logRateLimitBurst", any::<u32>()),
        maybe("reversePath", select(vec!["strict", "loose", "off"])),
        maybe("blockBogons", any::<bool>()),
        maybe("flowtable", some(INTERFACES, 2)),
    ])
}

fn tailscale() -> impl Strategy<Value = Value> {
    object(vec![
        maybe("enable", proptest::bool::weighted(0.8)),
        maybe("enableSubnetRouter", any::<bool>()),
        maybe("advertiseRoutes", some(ROUTES, 3)),
        maybe("exitNode", any::<bool>()),
        maybe("acceptRoutes", any::<bool>()),
        maybe("openFirewall", any::<bool>()),
        maybe("port", select(vec![41641, 5353, 0])),
        maybe(
            "extraSetFlags",
            some(&["--netfilter-mode=off", "--snat-subnet-routes=false"], 2),
        ),
    ])
}

fn interface() -> impl Strategy<Value = Value> {
    let role = select(vec!["lan", "wan", "bridge"]).prop_map(|role| Some(("role", json!(role))));
    let addresses: &[&str] = &["192.168.15.10/24", "10.1.2.3/24", "100.72.0.9/24", "fd00:15::9/64"];
    object(vec![role.boxed(), maybe("prefixes", some(addresses, 2))])
}

/// A profile with zones; it may well be one that the checks refuse.
pub fn profile() -> impl Strategy<Value = Value> {
    let interfaces = proptest::collection::btree_map(select(&INTERFACES[..5]), interface(), 0..4);
    (zones(), tailscale(), interfaces).prop_map(|(zones, tailscale, interfaces)| {
        json!({
            "host": { "name": "a", "interfaces": interfaces },
            "network": {
                "vpn": { "tailscale": tailscale },
                "security": { "firewall-zones": zones },
            },
        })
    })
}
