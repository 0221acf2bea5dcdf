use super::*;
use crate::firewall::ruleset::{Action, Chain, Hook, Lookup, LookupMap, Rule};
use crate::profile;

/// The ruleset of a host whose profile holds these options of `network`, in Nix notation.
fn ruleset(network: &str) -> Ruleset {
    of_profile(&format!(
        "{{ host.name = \"a\"; host.interfaces.eth0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; network = {{ {network} }}; }}"
    ))
}

fn of_profile(text: &str) -> Ruleset {
    let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| {
        Err("no other file".to_owned())
    });
    let found = format!("{:?}", profile.findings);
    let fleet = profile.fleet.unwrap_or_else(|| panic!("{found}"));
    compile(fleet.hosts.values().next().unwrap()).unwrap_or_else(|| panic!("{found}"))
}

/// The lines of a chain, map or set as they are printed.
fn lines(ruleset: &Ruleset, head: &str) -> Vec<String> {
    let text = ruleset.to_string();
    let mut lines = text.lines().skip_while(|line| line.trim() != format!("{head} {{"));
    lines
        .by_ref()
        .skip(1)
        .take_while(|line| *line != "  }")
        .map(|line| line.trim().to_owned())
        .collect()
}

fn has(ruleset: &Ruleset, head: &str, expected: &str) {
    let lines = lines(ruleset, head);
    assert!(
        lines.iter().any(|line| line.contains(expected)),
        "{expected}: {lines:#?}"
    );
}

fn lacks(ruleset: &Ruleset, unexpected: &str) {
    let text = ruleset.to_string();
    assert!(!text.contains(unexpected), "{unexpected}: {text}");
}

fn hook(ruleset: &Ruleset, hook: Hook) -> Option<&Chain> {
    let mut chains = ruleset.table.chains.iter();
    chains.find(|chain| chain.base.is_some_and(|base| base.hook == hook))
}

const TAILNET: &str = "vpn.tailscale.enable = true;";

#[test]
fn new_connections_are_limited_before_anything_is_admitted() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true; rateLimit = \"10/second\"; rateLimitBurst = 7; zones.lan = { enable = true; interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; }; };",
    );
    let rules = lines(&ruleset, "chain input");
    let limit = rules
        .iter()
        .position(|rule| rule.starts_with("update @new_v6 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 10/second burst 7 packets } counter goto limited"))
        .unwrap();
    let zones = rules.iter().position(|rule| rule == "iifname vmap @zones").unwrap();
    assert!(limit < zones, "{rules:#?}");
    has(
        &ruleset,
        "map zones",
        "\"eth0\" comment \"zones.lan.interfaces[0]\" : goto zone.lan",
    );
    assert_eq!(
        lines(&ruleset, "chain zone.lan"),
        ["meta l4proto . th dport vmap @zone.lan", "counter goto refused"]
    );
}

#[test]
fn a_zone_has_its_own_limit_in_place_of_the_common_one_and_services_have_theirs_besides() {
    let ruleset = ruleset(
        "security.firewall-zones = { enable = true;
           zones.lan = { interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; };
           zones.dmz = { interfaces = [ \"eth1\" ]; rateLimit = \"10/minute\"; allowedTCPPorts = [ \"20-30\" ];
             serviceRateLimits.ssh = { rateLimit = \"3/hour\"; rateLimitBurst = 5; }; };
           zones.admin = { interfaces = [ \"eth2\" ]; enableRateLimiting = false; allowAllServices = true;
             serviceRateLimits.dns.rateLimit = \"5/second\"; }; };",
    );
    let rules = |head: &str| -> Vec<String> {
        let lines = lines(&ruleset, head);
        lines
            .iter()
            .map(|line| line.split(" comment").next().unwrap().to_owned())
            .collect()
    };
    let over = |v4: &str, v6: &str, limit: &str| {
        [
            format!("update @{v4} {{ ip saddr limit rate over {limit} packets }} counter goto limited"),
            format!(
                "update @{v6} {{ ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over {limit} packets }} counter goto limited"
            ),
        ]
    };
    let common = over("new_v4", "new_v6", "50/second burst 100");
    // Those who are in no zone meet the common limit behind the zones.
    let input = rules("chain input");
    assert_eq!(input[input.len() - 4], "iifname vmap @zones");
    assert_eq!(input[input.len() - 3..input.len() - 1], common);
    assert_eq!(rules("chain zone.lan")[..2], common);
    assert_eq!(
        rules("chain zone.dmz")[..2],
        over("new_v4.dmz", "new_v6.dmz", "10/minute burst 10")
    );
    let limited = rules("chain service.dmz.ssh");
    assert_eq!(
        limited[..2],
        over("service_v4.dmz.ssh", "service_v6.dmz.ssh", "3/hour burst 5")
    );
    assert_eq!(limited[2..], ["accept"]);
    for (ports, verdict) in [
        ("tcp . 20-21", "accept"),
        ("tcp . 22", "goto service.dmz.ssh"),
        ("tcp . 23-30", "accept"),
    ] {
        has(
            &ruleset,
            "map zone.dmz",
            &format!("{ports} comment \"zones.dmz.allowedTCPPorts\" : {verdict}"),
        );
    }
    assert_eq!(
        rules("chain zone.admin"),
        ["meta l4proto . th dport vmap @zone.admin", "counter accept"]
    );
    // Where everything is open, the map has what is limited and nothing else.
    let elements = rules("map zone.admin");
    assert_eq!(elements[3..], ["tcp . 53", "udp . 53", "}"]);
}

#[test]
fn a_zone_logs_by_itself_where_it_says_how() {
    let with = |group: &str, zone: &str| {
        ruleset(&format!(
            "security.firewall-zones = {{ enable = true; {group} zones.lan = {{ interfaces = [ \"eth0\" ]; {zone} }}; zones.dmz = {{ interfaces = [ \"eth1\" ]; }}; }};"
        ))
    };
    let log = |ruleset: &Ruleset, chain: &str| {
        let rules = lines(ruleset, &format!("chain {chain}"));
        let rule = rules.iter().find(|rule| rule.contains("log prefix"));
        rule.map(|rule| rule.split(" comment").next().unwrap().to_owned())
    };
    let line = |limit: &str, prefix: &str| {
        Some(format!(
            "meta pkttype host limit rate {limit} packets log prefix \"{prefix}\" level info"
        ))
    };
    let own = with(
        "enableLogging = true; logRateLimit = \"9/minute\";",
        "logPrefix = \"lan: \"; logRateLimit = \"3/minute\"; logRateLimitBurst = 4;",
    );
    assert_eq!(log(&own, "refused"), line("9/minute burst 20", "tailwright: "));
    assert_eq!(log(&own, "refused.lan"), line("3/minute burst 4", "lan: "));
    has(&own, "chain zone.lan", "counter goto refused.lan");
    has(&own, "chain zone.dmz", "counter goto refused");
    let off = with("enableLogging = true;", "enableLogging = false;");
    assert_eq!(log(&off, "refused.lan"), None);
    has(&off, "chain refused.lan", "counter drop");
    let on = with("", "enableLogging = true; denyInterzone = true;");
    assert_eq!(log(&on, "refused"), None);
    assert_eq!(log(&on, "refused.lan"), line("5/second burst 20", "tailwright: "));
    // What it may not pass on to is refused with its own line, too.
    has(&on, "chain forward_zone.lan", "goto refused.lan");
    lacks(&with("enableLogging = true;", "enableLogging = true;"), "refused.lan");
}

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
            "iifname { \"lo\", \"tailscale0\" } accept",
            "ip saddr 100.64.0.0/10 jump spoofed",
            "ip6 saddr fd7a:115c:a1e0::/48 jump spoofed",
            "fib saddr . mark . iif oif missing goto unroutable",
        ]
    );
    has(&with, "chain spoofed", "ip saddr 100.115.92.0/23 return");
    has(&with, "chain admit_udp", "ip6 daddr fe80::/10 th dport 546 accept");
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

#[test]
fn the_wireguard_port_is_open_to_everybody_only_where_asked() {
    let zones =
        "security.firewall-zones = { enable = true; zones.lan = { enable = true; interfaces = [ \"eth0\" ]; }; };";
    let open = ruleset(&format!(
        "vpn.tailscale = {{ enable = true; openFirewall = true; port = 41642; }}; {zones}"
    ));
    has(
        &open,
        "chain admit_udp",
        "th dport 41642 counter accept comment \"WireGuard: network.vpn.tailscale.openFirewall\"",
    );
    let shut = ruleset(&format!(
        "vpn.tailscale = {{ enable = true; openFirewall = false; }}; {zones}"
    ));
    lacks(&shut, "WireGuard");
}

#[test]
fn a_policy_is_one_that_the_kernel_has() {
    let with = |policy: &str| {
        ruleset(&format!(
            "security.firewall-zones = {{ enable = true; enableLogging = true; defaultPolicy = \"{policy}\"; zones.lan = {{ enable = true; interfaces = [ \"eth0\" ]; }}; }};"
        ))
    };
    let reject = with("reject");
    has(&reject, "chain input", "policy drop;");
    assert_eq!(
        lines(&reject, "chain refused")
            .iter()
            .map(|line| line.split(" comment").next().unwrap())
            .collect::<Vec<_>>(),
        [
            "update @dropped/v4 { ip saddr counter }",
            "update @dropped/v6 { ip6 saddr & ffff:ffff:ffff:ffff:: counter }",
            "meta pkttype host limit rate 5/second burst 20 packets log prefix \"tailwright: \" level info",
            "meta l4proto tcp counter reject with tcp reset",
            "counter reject with icmpx admin-prohibited"
        ]
    );
    let accept = with("accept");
    has(&accept, "chain input", "policy accept;");
    assert_eq!(
        lines(&accept, "chain zone.lan"),
        ["counter accept comment \"default policy: defaultPolicy\""]
    );
    lacks(&accept, "refused");
}

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
        "tcp . 5432 comment \"postgresql: zones.data.forwardedServices[0]\" : accept",
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

#[test]
fn a_packet_meets_no_more_rules_with_more_zones_and_services() {
    /// The longest way through rules that a packet can take from a chain.
    fn longest(ruleset: &Ruleset, chain: &Chain) -> usize {
        let table = &ruleset.table;
        let named = |rule: &Rule| -> Vec<_> {
            let map = match &rule.action {
                Action::Lookup(Lookup {
                    map: LookupMap::Named(name),
                    ..
                }) => table.map(name),
                _ => None,
            };
            let elements = map.map(|map| map.elements.as_slice()).unwrap_or_default();
            let targets = elements.iter().filter_map(|element| element.verdict.target());
            targets.chain(rule.targets()).cloned().collect()
        };
        let deeper = |rule: &Rule| {
            named(rule)
                .iter()
                .map(|name| longest(ruleset, table.chain(name).unwrap()))
                .max()
        };
        chain
            .rules
            .iter()
            .map(|rule| 1 + deeper(rule).unwrap_or_default())
            .sum()
    }
    let with = |zones: usize, services: usize| {
        let zone = |number: usize| {
            let ports: Vec<_> = (1..=services).map(|port| (port * 7).to_string()).collect();
            format!(
                "zones.z{number} = {{ enable = true; interfaces = [ \"if{number}\" \"all0\" ]; allowedIPs = [ \"10.{number}.0.0/16\" ]; allowedTCPPorts = [ {} ]; forwardTo = [ \"z1\" ]; rateLimit = \"9/second\"; serviceRateLimits.gitea.rateLimit = \"1/minute\"; serviceRateLimits.ssh.rateLimit = \"1/minute\"; }};",
                ports.join(" ")
            )
        };
        let zones: Vec<_> = (1..=zones).map(zone).collect();
        let ruleset = ruleset(&format!(
            "security.firewall-zones = {{ enable = true; {} }};",
            zones.join(" ")
        ));
        [Hook::Prerouting, Hook::Input, Hook::Forward].map(|at| longest(&ruleset, hook(&ruleset, at).unwrap()))
    };
    assert_eq!(with(2, 10), with(60, 10));
    assert_eq!(with(2, 10), with(2, 1000));
}

#[test]
fn the_same_profile_gives_the_same_bytes() {
    let profile = "vpn.tailscale = { enable = true; exitNode = true; };
         security.firewall-zones = { enable = true; zones.lan = { enable = true; interfaces = [ \"eth0\" \"br-*\" ]; }; };";
    assert_eq!(ruleset(profile).to_string(), ruleset(profile).to_string());
}

#[test]
fn fixed_prefixes_are_prefixes() {
    for written in routes::NOT_INTERNET
        .into_iter()
        .chain(bogons::BOGONS)
        .chain(bogons::BEHIND_NAT)
        .chain([prerouting::CHROME_OS, input::LINK_LOCAL])
    {
        assert!(written.parse::<crate::net::Prefix>().is_ok(), "{written}");
    }
    assert!(input::loopback().is_some());
}
