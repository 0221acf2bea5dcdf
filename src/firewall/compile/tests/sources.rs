//! Which sources may come by which interface.

use super::*;

#[test]
fn tailnet_addresses_come_by_the_tailnet_interface_alone() {
    let zones =
        "security.firewall-zones = { enable = true; zones.lan = { enable = true; interfaces = [ \"eth0\" ]; }; };";
    let with = ruleset(&format!("{TAILNET} {zones}"));
    assert_eq!(
        lines(&with, "chain prerouting")
            .iter()
            .map(|line| line.split(" comment").next().unwrap())
            .collect::<Vec<_>>(),
        [
            "type filter hook prerouting priority mangle + 10; policy accept;",
            "ip saddr 100.64.0.0/10 jump spoofed",
            "ip6 saddr fd7a:115c:a1e0::/48 jump spoofed",
            "fib saddr . mark . iif oif missing goto unroutable",
        ]
    );
    has(&with, "chain spoofed", "ip saddr 100.115.92.0/23 return");
    // Where a source is doubtful, what comes out of the tunnel goes first.
    for doubtful in ["chain spoofed", "chain unroutable"] {
        let first = lines(&with, doubtful)[0].clone();
        assert!(
            first.starts_with("iifname \"tailscale0\" accept"),
            "{doubtful}: {first}"
        );
    }
    has(&with, "chain admit_udp", "th dport 546 ip6 daddr fe80::/10 accept");
    // Without a tailnet these are addresses like others (RFC 6598).
    lacks(&ruleset(zones), "100.64.0.0/10");
    let client = ruleset(&format!(
        "vpn.tailscale = {{ enable = true; acceptRoutes = true; }}; {zones}"
    ));
    has(
        &client,
        "chain prerouting",
        "fib saddr . mark oif missing goto unroutable",
    );
}

#[test]
fn a_zone_may_ask_for_another_way_back() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true;
           zones.lan = { interfaces = [ \"eth0\" ]; };
           zones.multihomed = { interfaces = [ \"eth1\" ]; reversePath = \"loose\"; };
           zones.lab = { interfaces = [ \"eth0\" ]; allowedIPs = [ \"10.0.0.0/8\" ]; reversePath = \"off\"; }; };",
    );
    let way = |head: &str| -> Vec<String> {
        let lines = lines(&ruleset, head);
        lines
            .iter()
            .map(|line| line.split(" comment").next().unwrap().to_owned())
            .collect()
    };
    let prerouting = way("chain prerouting");
    assert_eq!(
        prerouting[prerouting.len() - 2..],
        [
            "iifname vmap @way_back",
            "fib saddr . mark . iif oif missing goto unroutable"
        ]
    );
    assert_eq!(
        way("chain way_loose"),
        ["fib saddr . mark oif missing goto unroutable", "accept"]
    );
    has(
        &ruleset,
        "map way_back",
        "\"eth1\" comment \"zones.multihomed.reversePath\" : goto way_loose",
    );
    has(
        &ruleset,
        "map way_back.eth0/v4",
        "10.0.0.0/8 comment \"zones.lab.reversePath\" : accept",
    );
    has(&ruleset, "chain way_back.eth0", "goto way_strict");
}

#[test]
fn a_wan_of_public_addresses_brings_no_bogons() {
    let with = |prefix: &str, group: &str| {
        of_profile(&format!(
            "{{ host.name = \"a\"; host.interfaces.wan0 = {{ role = \"wan\"; prefixes = [ {prefix} ]; }};
                network.security.firewall-zones = {{ enable = true; {group} zones.wan.interfaces = [ \"wan0\" ]; }}; }}"
        ))
    };
    let public = with("\"198.51.100.7/24\"", "");
    has(
        &public,
        "map bogons.wan0/v4",
        "10.0.0.0/8 comment \"host.interfaces.wan0.role\" : goto bogon",
    );
    // Its own link is not one, though it is among them here.
    has(&public, "map bogons.wan0/v4", "192.168.0.0/16");
    let own = lines(&public, "map bogons.wan0/v4");
    assert!(
        own.iter()
            .any(|line| line.starts_with("198.51.100.0/24 ") && line.contains(": return")),
        "{own:#?}"
    );
    has(&public, "chain bogon", "th sport 67 th dport 68 accept");
    // Behind another router, or of unknown addresses: only where it is asked for.
    lacks(&with("\"192.168.1.2/24\"", ""), "bogon");
    lacks(&with("", ""), "bogon");
    has(&with("", "blockBogons = true;"), "map bogons", "wan0");
    lacks(&with("\"198.51.100.7/24\"", "blockBogons = false;"), "bogon");
}
