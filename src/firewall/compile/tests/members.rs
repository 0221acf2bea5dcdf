//! Who is in which zone.

use super::*;

#[test]
fn the_longest_prefix_wins_inside_an_interface_and_exact_names_before_patterns() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true;
           zones.lan = { enable = true; interfaces = [ \"eth0\" ]; };
           zones.office = { enable = true; interfaces = [ \"eth0\" \"eth1\" ]; allowedIPs = [ \"10.0.0.0/8\" ]; };
           zones.printer = { enable = true; interfaces = [ \"eth0\" ]; allowedIPs = [ \"10.0.0.7\" ]; };
           zones.bridges = { enable = true; interfaces = [ \"br-*\" ]; };
           zones.longer = { enable = true; interfaces = [ \"br-lan*\" \"e*\" ]; }; };",
    );
    assert_eq!(
        lines(&ruleset, "chain zones.eth0")
            .iter()
            .map(|line| line.split(" comment").next().unwrap())
            .collect::<Vec<_>>(),
        ["ip saddr vmap @zones.eth0/v4", "goto zone.lan"]
    );
    for (range, zone) in [
        ("10.0.0.0-10.0.0.6", "office"),
        ("10.0.0.7", "printer"),
        ("10.0.0.8-10.255.255.255", "office"),
    ] {
        let elements = lines(&ruleset, "map zones.eth0/v4");
        assert!(
            elements
                .iter()
                .any(|line| line.starts_with(&format!("{range} ")) && line.contains(&format!("zone.{zone}"))),
            "{range}: {elements:#?}"
        );
    }
    // Nobody has all of eth1, so the chain comes back for the patterns.
    assert_eq!(lines(&ruleset, "chain zones.eth1"), ["ip saddr vmap @zones.eth1/v4"]);
    has(&ruleset, "map zones", "\"eth1\" : jump zones.eth1");
    let input = lines(&ruleset, "chain input");
    let at = |pattern: &str| {
        input
            .iter()
            .position(|rule| rule.starts_with(&format!("iifname \"{pattern}\" goto")))
            .unwrap()
    };
    assert!(at("br-lan*") < at("br-*") && at("br-*") < at("e*"), "{input:#?}");
}

#[test]
fn a_pattern_does_not_hide_what_a_whole_name_says() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true;
           zones.one = { enable = true; interfaces = [ \"br-7*\" ]; forwardedTCPPorts = [ 22 ]; };
           zones.rest = { enable = true; interfaces = [ \"br-*\" ]; };
           zones.lan = { enable = true; interfaces = [ \"br-lan\" ]; forwardedTCPPorts = [ 80 ]; }; };",
    );
    has(
        &ruleset,
        "map forward_zone.one",
        "\"br-lan\" comment \"narrowed: zones.lan\" : goto into.lan",
    );
}

#[test]
fn the_longest_prefix_wins_on_a_tailnet_interface_that_a_pattern_means() {
    let ruleset = ruleset(
        "vpn.tailscale = { enable = true; exitNode = true; };
         security.firewall-zones = { enable = true;
           zones.all = { enable = true; interfaces = [ \"tail*\" ]; allowedIPs = [ \"0.0.0.0/0\" ]; };
           zones.isolated = { enable = true; interfaces = [ \"tail*\" ]; allowedIPs = [ \"100.64.0.0/10\" ]; }; };",
    );
    has(
        &ruleset,
        "map forward_peers/v4",
        "100.64.0.0/10 comment \"zones.isolated.allowedIPs[0]\" : goto forward_peer.isolated",
    );
}

#[test]
fn a_tailnet_zone_is_not_open_to_the_providers_network() {
    let text = "{ host.name = \"a\"; host.interfaces.wan0 = { role = \"wan\"; prefixes = [ \"100.72.0.10/24\" ]; };
        network.vpn.tailscale.enable = true;
        network.security.firewall-zones = { enable = true; zones.admin = { enable = true; allowedIPs = [ \"100.64.0.0/10\" ]; allowAllServices = true; }; }; }";
    let ruleset = of_profile(text);
    has(&ruleset, "map zones", "\"tailscale0\" : jump zones.tailscale0");
    let zones = lines(&ruleset, "map zones");
    assert!(!zones.iter().any(|element| element.contains("wan0")), "{zones:#?}");
    // What that network sends from its own addresses is not forged.
    has(
        &ruleset,
        "chain spoofed",
        "iifname \"wan0\" ip saddr 100.72.0.0/24 return",
    );
}
