//! The table that holds until the zones are loaded, on a real kernel.

use serde_json::{Value, json};
use tailwright::firewall;

use super::world::{LAN4, TAILNET4, World, expect};
use super::{host, read_back, ruleset};
use crate::support::netns::Netns;
use crate::support::probe::Answer::{Closed, Open, Silence};
use crate::support::probe::Kind::{Echo, Tcp, Udp};
use crate::support::probe::Listener;
use crate::support::tool;

fn profile(management: &Value) -> Value {
    json!({
        "host": {
            "name": "a",
            "interfaces": { "eth0": { "role": "lan", "prefixes": ["192.168.15.10/24", "fd00:15::10/64"] } },
            "management": management,
        },
        "network": {
            "vpn": { "tailscale": { "enable": true, "enableSubnetRouter": true, "advertiseRoutes": ["172.17.0.0/16"] } },
            "security": { "firewall-zones": { "enable": true, "enableRateLimiting": false, "defaultPolicy": "accept", "zones": {
                "lan": { "interfaces": ["eth0", "tailscale0"], "allowAllServices": true },
            } } },
        },
    })
}

#[test]
fn until_the_zones_are_loaded_only_the_operator_comes_in() {
    let Some(world) = World::new() else { return };
    let _listener = Listener::new(&world.host, &[22, 80]);
    let (lan, peer) = ("192.168.15.2", "100.64.0.2");
    let profile = profile(&json!([
        { "via": "tailscale0", "service": "ssh" },
        { "via": "eth0", "port": 80, "from": "192.168.15.0/28" },
        { "via": "eth0", "service": "ssh", "from": "192.168.15.3" },
    ]));
    let closed = firewall::closed(&host(&profile)).unwrap();
    world.host.load(&closed.if_absent()).unwrap();
    let shut = |world: &World| {
        expect(
            &world.lan,
            &[
                (lan, LAN4, Tcp(22), Silence),
                (lan, LAN4, Tcp(80), Open),
                (lan, LAN4, Udp(41641), Closed),
                (lan, LAN4, Udp(53), Silence),
                (lan, LAN4, Echo, Open),
                // Inside of a wider way, so that has it too.
                ("192.168.15.3", LAN4, Tcp(22), Open),
                ("192.168.15.3", LAN4, Tcp(80), Open),
            ],
        );
        expect(
            &world.tailnet,
            &[
                (peer, TAILNET4, Tcp(22), Open),
                (peer, TAILNET4, Tcp(80), Silence),
                (peer, "172.17.0.2", Udp(9), Silence),
            ],
        );
        // What the host itself asks is answered.
        expect(&world.host, &[(LAN4, lan, Udp(9), Closed)]);
    };
    shut(&world);
    // A second start changes nothing, and zones that do not load leave it as it is.
    let said = world.host.load(&closed.if_absent()).unwrap_err();
    assert!(said.contains("File exists"), "{said}");
    let zones = ruleset(&profile).to_string();
    world
        .host
        .load(&zones.replace("goto zone.lan", "goto nowhere"))
        .unwrap_err();
    shut(&world);
    // Zones that load take its place.
    world.host.load(&zones).unwrap();
    let listed = || {
        let nft = tool::part("nft").unwrap();
        let listed = world.host.must(&nft, &["-j", "list", "table", "inet", "tailwright"]);
        read_back::of_listing(&serde_json::from_str(&listed).unwrap())
    };
    assert_eq!(listed(), read_back::of_ruleset(&ruleset(&profile)));
    expect(&world.lan, &[(lan, LAN4, Tcp(22), Open), (lan, LAN4, Udp(53), Closed)]);
    expect(&world.tailnet, &[(peer, "172.17.0.2", Udp(9), Closed)]);
    // And are left alone by it.
    world.host.load(&closed.if_absent()).unwrap_err();
    assert_eq!(listed(), read_back::of_ruleset(&ruleset(&profile)));
}

#[test]
fn a_flow_table_loads_where_the_kernel_has_flow_tables() {
    let Some(namespace) = Netns::with_interfaces(&["wan0", "br-lan"]) else {
        return;
    };
    let mut profile = profile(&json!([]));
    profile["network"]["security"]["firewall-zones"]["flowtable"] = json!(["wan0", "br-lan", "wan0"]);
    let text = firewall::flowtable(&host(&profile)).unwrap().to_string();
    let known = "table inet a {\n flowtable f {\n hook ingress priority 0\n devices = { wan0 }\n }\n}\n";
    let said = namespace.load(&text);
    match (namespace.load(known), said) {
        (Ok(()), said) => {
            said.unwrap_or_else(|said| panic!("{said}\n{text}"));
            assert!(namespace.ruleset().contains("flow add @established"), "{text}");
        }
        (Err(_), said) => {
            // It is refused for the kernel's sake and not for its syntax.
            let said = said.unwrap_err();
            assert!(!said.contains("syntax error"), "{said}\n{text}");
            crate::support::left_out::note("a kernel with flow tables (nf_flow_table_inet)");
        }
    }
}

#[test]
fn every_closed_table_loads_and_reads_back() {
    let Some(namespace) = Netns::new() else { return };
    let nft = tool::part("nft").unwrap();
    let mut found = 0;
    let examples = crate::examples::examples().into_iter().flat_map(|path| {
        let rendered = crate::support::rendered::Rendered::of_file(&path);
        let fleet = rendered.unwrap_or_else(|report| panic!("{report}")).fleet;
        fleet.hosts.into_values().collect::<Vec<_>>()
    });
    let others = [
        json!([]),
        json!([{ "via": "br-a.1", "port": 1, "protocol": "udp", "from": "fd00::/8" }]),
    ];
    for host in examples.chain(others.iter().map(|management| host(&profile(management)))) {
        let Some(closed) = firewall::closed(&host) else {
            continue;
        };
        let text = closed.if_absent();
        for unwanted in ["limit", "fib", "dynamic", "log"] {
            assert!(!text.contains(&format!(" {unwanted} ")), "{unwanted}: {text}");
        }
        namespace.load(&text).unwrap_or_else(|said| panic!("{said}\n{text}"));
        let listed = namespace.must(&nft, &["-j", "list", "table", "inet", "tailwright"]);
        let listed = serde_json::from_str(&listed).unwrap();
        assert_eq!(read_back::of_listing(&listed), read_back::of_ruleset(&closed), "{text}");
        namespace.load("delete table inet tailwright\n").unwrap();
        found += 1;
    }
    assert!(found > 5, "the examples have firewalls");
}
