//! What passes through the host.

use super::*;

#[test]
fn a_host_that_does_not_speak_of_forwarding_forwards_as_it_did() {
    let plain = ruleset(&format!(
        "{TAILNET} security.firewall-zones = {{ enable = true; zones.lan = {{ enable = true; interfaces = [ \"eth0\" ]; }}; zones.docker = {{ enable = true; interfaces = [ \"docker0\" ]; }}; }};"
    ));
    assert_eq!(hook(&plain, Hook::Forward), None);
}

#[test]
fn a_subnet_router_leads_to_its_routes_and_an_exit_node_to_the_internet_alone() {
    let ruleset = ruleset(
        "vpn.tailscale = { enable = true; enableSubnetRouter = true; advertiseRoutes = [ \"172.17.0.0/16\" ]; exitNode = true; };
         security.firewall-zones = { enable = true; zones.lan = { enable = true; interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; }; };",
    );
    has(&ruleset, "chain forward", "policy accept;");
    has(
        &ruleset,
        "map forward_from",
        "\"tailscale0\" comment \"the tailnet\" : goto routes",
    );
    has(
        &ruleset,
        "map routes/v4",
        "172.17.0.0/16 comment \"network.vpn.tailscale.advertiseRoutes[0]\" : accept",
    );
    has(
        &ruleset,
        "map routes/v4",
        "192.168.15.0/24 comment \"attached, not advertised: host.interfaces.eth0.prefixes[0]\" : goto refused",
    );
    has(
        &ruleset,
        "map routes/v4",
        "10.0.0.0/8 comment \"not the internet\" : goto refused",
    );
    has(
        &ruleset,
        "map routes/v4",
        "1.0.0.0-9.255.255.255 comment \"exit node: network.vpn.tailscale.exitNode\" : accept",
    );
    has(
        &ruleset,
        "map forward_silent",
        "\"tailscale0\" comment \"to the tailnet by forwardTo alone\" : goto refused",
    );
    // What no zone speaks of, as a container's, is left alone.
    assert!(
        lines(&ruleset, "chain forward")
            .last()
            .unwrap()
            .starts_with("accept comment \"left to others\"")
    );
}

#[test]
fn a_zone_that_denies_is_closed_both_ways_and_one_that_forwards_says_where() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true;
           zones.lan = { enable = true; interfaces = [ \"eth0\" ]; };
           zones.apps = { enable = true; interfaces = [ \"br-app\" ]; forwardTo = [ \"data\" ]; };
           zones.data = { enable = true; interfaces = [ \"br-data\" ]; forwardedServices = [ \"postgresql\" ]; };
           zones.isolated = { enable = true; interfaces = [ \"br-iso\" ]; }; };",
    );
    has(
        &ruleset,
        "map forward_zone.isolated",
        "\"br-iso\" comment \"inside a zone\" : accept",
    );
    has(
        &ruleset,
        "chain forward_zone.isolated",
        "goto refused comment \"zones.isolated.denyInterzone\"",
    );
    has(
        &ruleset,
        "map forward_other",
        "\"br-iso\" comment \"zones.isolated.denyInterzone\" : goto refused",
    );
    has(
        &ruleset,
        "map forward_zone.apps",
        "\"br-data\" comment \"zones.apps.forwardTo[0]\" : goto into.data",
    );
    has(
        &ruleset,
        "chain forward_zone.apps",
        "goto refused comment \"no other zone: zones.apps.forwardTo\"",
    );
    has(
        &ruleset,
        "map into.data",
        "5432 . tcp comment \"postgresql: zones.data.forwardedServices[0]\" : accept",
    );
    has(
        &ruleset,
        "map forward_other",
        "\"br-data\" comment \"narrowed: zones.data\" : goto into.data",
    );
    // Inside a zone nothing is narrowed.
    let own = lines(&ruleset, "map forward_zone.data");
    assert!(!own.iter().any(|element| element.contains("into.data")), "{own:#?}");
}
