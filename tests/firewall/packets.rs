//! Real packets meet the rules.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{LAN4, LAN6, TAILNET4, TAILNET6, World, expect, probe};
use crate::support::probe::Answer::{Closed, Open, Prohibited, Silence};
use crate::support::probe::Kind::{Echo, Tcp, Udp};
use crate::support::probe::{Answer, Listener, send};

fn profile(tailscale: &Value, zones: &Value) -> Value {
    json!({
        "host": {
            "name": "a",
            "interfaces": { "eth0": { "role": "lan", "prefixes": ["192.168.15.10/24", "fd00:15::10/64"] } },
        },
        "network": { "vpn": { "tailscale": tailscale }, "security": { "firewall-zones": zones } },
    })
}

fn guide(policy: &str) -> Value {
    profile(
        &json!({ "enable": true }),
        &json!({
            "enable": true,
            "defaultPolicy": policy,
            "zones": {
                "dmz": { "interfaces": ["eth0"], "allowedTCPPorts": [80, 443], "allowedUDPPorts": [443, "5000-5010"] },
                "internal": { "interfaces": ["tailscale0"], "allowedServices": ["ssh", "postgresql"] },
            },
        }),
    )
}

#[test]
fn packets_meet_the_zones_of_the_guide() {
    let Some(world) = World::new() else { return };
    let _listener = Listener::new(&world.host, &[22, 80, 5432]);
    let (lan4, lan6) = ("192.168.15.2", "fd00:15::2");
    let (peer4, peer6) = ("100.64.0.2", "fd7a:115c:a1e0::2");

    world.load(&guide("drop"));
    // The first IPv6 packet of each side needs neighbour discovery.
    expect(
        &world.lan,
        &[
            (lan4, LAN4, Tcp(22), Silence),
            (lan4, LAN4, Tcp(80), Open),
            (lan4, LAN4, Tcp(443), Closed),
            (lan4, LAN4, Tcp(5432), Silence),
            (lan4, LAN4, Udp(443), Closed),
            (lan4, LAN4, Udp(80), Silence),
            (lan4, LAN4, Udp(4999), Silence),
            (lan4, LAN4, Udp(5005), Closed),
            (lan4, LAN4, Udp(41641), Closed),
            (lan4, LAN4, Echo, Open),
            (lan6, LAN6, Tcp(22), Silence),
            (lan6, LAN6, Tcp(80), Open),
            (lan6, LAN6, Udp(5010), Closed),
            (lan6, LAN6, Udp(41641), Closed),
            (lan6, LAN6, Udp(546), Silence),
            (lan6, LAN6, Echo, Open),
        ],
    );
    expect(
        &world.tailnet,
        &[
            (peer4, TAILNET4, Tcp(22), Open),
            (peer4, TAILNET4, Tcp(5432), Open),
            (peer4, TAILNET4, Tcp(80), Silence),
            (peer4, TAILNET4, Udp(443), Silence),
            (peer4, TAILNET4, Echo, Open),
            (peer6, TAILNET6, Tcp(22), Open),
            (peer6, TAILNET6, Tcp(443), Silence),
            (peer6, TAILNET6, Echo, Open),
        ],
    );
    // An interface in no zone, and the host itself.
    expect(
        &world.containers,
        &[
            ("172.17.0.2", "172.17.0.1", Tcp(22), Silence),
            ("172.17.0.2", "172.17.0.1", Udp(443), Silence),
        ],
    );
    expect(
        &world.host,
        &[
            ("127.0.0.1", "127.0.0.1", Tcp(22), Open),
            (LAN4, LAN4, Udp(9), Closed),
            (LAN6, LAN6, Udp(9), Closed),
            // Tailnet addresses come by the tailnet interface alone, but for one's own.
            (TAILNET4, TAILNET4, Udp(9), Closed),
            (TAILNET6, TAILNET6, Tcp(9), Closed),
        ],
    );
    // Answers to what the host asks come back.
    expect(
        &world.host,
        &[(LAN4, lan4, Udp(9), Closed), (TAILNET6, peer6, Tcp(9), Closed)],
    );

    world.load(&guide("reject"));
    expect(
        &world.lan,
        &[
            (lan4, LAN4, Tcp(22), Closed),
            (lan4, LAN4, Tcp(80), Open),
            (lan4, LAN4, Udp(9), Prohibited),
            (lan4, LAN4, Udp(443), Closed),
            (lan6, LAN6, Tcp(22), Closed),
            (lan6, LAN6, Udp(9), Prohibited),
        ],
    );
    world.load(&guide("accept"));
    expect(
        &world.containers,
        &[
            ("172.17.0.2", "172.17.0.1", Tcp(22), Open),
            ("172.17.0.2", "172.17.0.1", Udp(9), Closed),
        ],
    );
}

#[test]
fn a_source_that_is_not_its_own_is_dropped() {
    let Some(world) = World::new() else { return };
    world.load(&guide("accept"));
    expect(
        &world.lan,
        &[
            ("192.168.15.2", LAN4, Udp(9), Closed),
            ("100.64.0.9", LAN4, Udp(9), Silence),
        ],
    );
    assert_eq!(world.counted_at_least("spoofed", 1), 1);
    assert_eq!(world.counted("unroutable"), 0);
    expect(&world.lan, &[("203.0.113.5", LAN4, Udp(9), Silence)]);
    assert_eq!(world.counted_at_least("unroutable", 1), 1);
    // Strict: there is a way back to this one, but by another interface.
    world.host.ip(&["route", "add", "203.0.113.0/24", "dev", "docker0"]);
    expect(&world.lan, &[("203.0.113.5", LAN4, Udp(9), Silence)]);
    assert_eq!(world.counted_at_least("unroutable", 2), 2);
    let mut client = guide("accept");
    client["network"]["vpn"]["tailscale"]["acceptRoutes"] = true.into();
    world.load(&client);
    expect(
        &world.lan,
        &[
            ("203.0.113.5", LAN4, Udp(9), Silence),
            ("100.64.0.9", LAN4, Udp(9), Silence),
        ],
    );
    assert_eq!(
        (world.counted("unroutable"), world.counted_at_least("spoofed", 1)),
        (0, 1),
        "a client is loose"
    );
    // Whoever sends from such an address also asks for the host's link-layer address from it, more than once.
    expect(&world.lan, &[("fd7a:115c:a1e0::9", LAN6, Udp(9), Silence)]);
    assert!(world.counted_at_least("spoofed", 2) > 1);
}

#[test]
fn a_limit_is_one_for_each_source() {
    let Some(world) = World::new() else { return };
    let zones = json!({
        "enable": true,
        "rateLimit": "3/hour",
        "rateLimitBurst": 3,
        "zones": { "lan": { "interfaces": ["eth0"], "allowAllServices": true } },
    });
    world.load(&profile(&json!({ "enable": false }), &zones));
    let admitted = |sources: &[&str], to: &str| -> usize {
        // Some are answered and the others not, nobody knows which; a datagram is sent once however long that takes.
        let patience = Duration::from_secs(3);
        let probes: Vec<_> = (0..8u16)
            .flat_map(|port| {
                sources
                    .iter()
                    .map(move |from| probe(from, to, Udp(9000 + port), patience))
            })
            .collect();
        let answers = send(&world.lan, &probes);
        answers.into_iter().filter(|answer| *answer == Closed).count()
    };
    assert_eq!(admitted(&["192.168.15.2"], LAN4), 3);
    assert_eq!(admitted(&["192.168.15.2"], LAN4), 0, "its bucket is empty");
    assert_eq!(admitted(&["192.168.15.3"], LAN4), 3, "another source has its own");
    // One subscriber's /64 is one source; another /64 another.
    assert_eq!(admitted(&["fd00:15::2", "fd00:15::3"], LAN6), 3);
    assert_eq!(admitted(&["fd00:16::2"], "fd00:16::10"), 3);
    // A flood of pings does not take the limit of connections, nor the other way round.
    expect(
        &world.lan,
        &[("192.168.15.2", LAN4, Echo, Open), ("fd00:15::2", LAN6, Echo, Open)],
    );
}

#[test]
fn what_passes_through_is_what_was_advertised() {
    let Some(world) = World::new() else { return };
    let tailscale = json!({
        "enable": true, "enableSubnetRouter": true, "advertiseRoutes": ["172.17.0.0/16"], "exitNode": true,
    });
    let zones = |zones: Value| json!({ "enable": true, "zones": zones });
    let peer = "100.64.0.2";
    world.load(&profile(
        &tailscale,
        &zones(json!({ "internal": { "interfaces": ["tailscale0"] }, "dmz": { "interfaces": ["eth0"] } })),
    ));
    expect(
        &world.tailnet,
        &[
            (peer, "172.17.0.2", Udp(9), Closed),
            (peer, "172.17.0.2", Tcp(9), Closed),
            (peer, "198.51.100.7", Udp(9), Closed),
            (peer, "192.168.15.2", Udp(9), Silence),
        ],
    );
    // Containers are in no zone: their traffic is Docker's business.
    expect(
        &world.containers,
        &[
            ("172.17.0.2", "192.168.15.2", Udp(9), Closed),
            ("172.17.0.2", peer, Udp(9), Closed),
        ],
    );
    expect(
        &world.lan,
        &[
            ("192.168.15.2", "172.17.0.2", Udp(9), Closed),
            ("192.168.15.2", peer, Udp(9), Silence),
        ],
    );

    world.load(&profile(
        &tailscale,
        &zones(json!({
            "internal": { "interfaces": ["tailscale0"], "forwardTo": ["dmz"] },
            "dmz": { "interfaces": ["eth0"], "forwardTo": ["internal"] },
            "tier": { "interfaces": ["docker0"], "forwardedServices": ["postgresql"], "forwardedUDPPorts": [9] },
        })),
    ));
    expect(
        &world.tailnet,
        &[
            (peer, "192.168.15.2", Udp(9), Closed),
            (peer, "172.17.0.2", Udp(9), Closed),
            (peer, "172.17.0.2", Udp(10), Silence),
            (peer, "172.17.0.2", Tcp(5432), Closed),
            (peer, "172.17.0.2", Tcp(80), Silence),
            (peer, "198.51.100.7", Udp(9), Closed),
        ],
    );
    expect(
        &world.lan,
        &[
            ("192.168.15.2", peer, Udp(9), Closed),
            ("192.168.15.2", "172.17.0.2", Udp(9), Silence),
        ],
    );

    world.load(&profile(
        &tailscale,
        &zones(json!({
            "internal": { "interfaces": ["tailscale0"] },
            "isolated": { "interfaces": ["docker0"], "denyInterzone": true },
        })),
    ));
    expect(
        &world.tailnet,
        &[
            (peer, "172.17.0.2", Udp(9), Silence),
            (peer, "198.51.100.7", Udp(9), Closed),
        ],
    );
    expect(&world.containers, &[("172.17.0.2", "192.168.15.2", Udp(9), Silence)]);
    expect(&world.lan, &[("192.168.15.2", "172.17.0.2", Udp(9), Silence)]);
}

#[test]
fn the_host_itself_reaches_what_a_zone_says() {
    let Some(world) = World::new() else { return };
    let (near, far) = ("192.168.15.2", "192.168.15.3");
    let zones = json!({
        "enable": true,
        "defaultPolicy": "accept",
        "zones": {
            "lan": {
                "interfaces": ["eth0"],
                "allowedEgressIPs": ["192.168.15.2", "fd00:15::2"],
                "allowedEgressTCPPorts": ["80-81"],
                "allowedEgressServices": ["postgresql"],
                "allowedEgressUDPPorts": [9],
            },
            "containers": { "interfaces": ["docker0"], "allowedEgressTCPPorts": [22] },
            "internal": { "interfaces": ["tailscale0"] },
        },
    });
    world.load(&profile(&json!({ "enable": true }), &zones));
    expect(
        &world.host,
        &[
            (LAN4, near, Tcp(80), Closed),
            (LAN4, near, Tcp(5432), Closed),
            (LAN4, near, Tcp(22), Silence),
            (LAN4, near, Udp(9), Closed),
            (LAN4, near, Udp(10), Silence),
            (LAN4, far, Tcp(80), Silence),
            (LAN6, "fd00:15::2", Tcp(81), Closed),
            (LAN6, "fd00:15::3", Tcp(81), Silence),
            // What a host needs to live.
            (LAN4, far, Echo, Open),
            (LAN6, "fd00:15::3", Echo, Open),
            (LAN4, far, Udp(53), Closed),
            (LAN4, far, Tcp(53), Closed),
            (LAN4, far, Udp(123), Closed),
            // Another zone, one that says nothing, and the host itself.
            ("172.17.0.1", "172.17.0.2", Tcp(22), Closed),
            ("172.17.0.1", "172.17.0.2", Tcp(23), Silence),
            (TAILNET4, "100.64.0.2", Tcp(80), Closed),
            (LAN4, LAN4, Udp(7), Closed),
        ],
    );
    // Answers go out.
    let listener = Listener::new(&world.host, &[443]);
    expect(&world.lan, &[(far, LAN4, Tcp(443), Open), (far, LAN4, Udp(7), Closed)]);
    drop(listener);
    // A program whose connection is rejected hears of it at once; one whose datagram is kept in, in either case.
    let mut zones = zones;
    zones["defaultPolicy"] = json!("reject");
    world.load(&profile(&json!({ "enable": true }), &zones));
    expect(
        &world.host,
        &[
            (LAN4, near, Tcp(22), Closed),
            (LAN6, "fd00:15::2", Tcp(22), Closed),
            (LAN4, near, Udp(10), Silence),
            (LAN4, near, Tcp(80), Closed),
            (LAN4, near, Udp(9), Closed),
        ],
    );
}

#[test]
fn what_tailscaled_leaves_unmasqueraded_gets_the_address_of_the_host() {
    let Some(world) = World::new() else { return };
    // What each of the two sees for the source of a connection from the tailnet is who must know the way back: without a
    // route to the tailnet, only the host's own address is answered.
    world.lan.ip(&["route", "del", "default"]);
    world.containers.ip(&["route", "del", "default"]);
    let peer = "100.64.0.2";
    let with = |flags: &[&str]| {
        let tailscale = json!({
            "enable": true, "exitNode": true, "enableSubnetRouter": true,
            "advertiseRoutes": ["172.17.0.0/16"], "extraSetFlags": flags,
        });
        world.load(&profile(
            &tailscale,
            &json!({ "enable": true, "zones": { "internal": { "interfaces": ["tailscale0"] } } }),
        ));
    };
    let expect = |container: Answer, internet: Answer| {
        expect(
            &world.tailnet,
            &[
                (peer, "172.17.0.2", Udp(9), container),
                (peer, "172.17.0.2", Tcp(9), container),
                (peer, "198.51.100.7", Udp(9), internet),
            ],
        );
    };
    with(&[]);
    expect(Silence, Silence);
    with(&["--netfilter-mode=off"]);
    expect(Closed, Closed);
    with(&["--netfilter-mode=nodivert"]);
    expect(Closed, Closed);
    // The sources of subnet routes are kept; the internet never knows the way back.
    with(&["--snat-subnet-routes=false"]);
    expect(Silence, Closed);
    with(&["--netfilter-mode=off", "--snat-subnet-routes=false"]);
    expect(Silence, Closed);
}
