//! Limits of new connections, and what is logged.

use super::*;

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
        ["th dport . meta l4proto vmap @zone.lan", "counter goto refused"]
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
    for (map, ports, verdict) in [
        ("map zone.dmz/ranges", "20-21 . tcp", "accept"),
        ("map zone.dmz", "22 . tcp", "goto service.dmz.ssh"),
        ("map zone.dmz/ranges", "23-30 . tcp", "accept"),
    ] {
        has(
            &ruleset,
            map,
            &format!("{ports} comment \"zones.dmz.allowedTCPPorts\" : {verdict}"),
        );
    }
    assert_eq!(
        rules("chain zone.admin"),
        ["th dport . meta l4proto vmap @zone.admin", "counter accept"]
    );
    // Where everything is open, the map has what is limited and nothing else.
    let elements = rules("map zone.admin");
    assert_eq!(elements[4..], ["53 . tcp", "53 . udp", "}"]);
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
    // What nobody forwards is told from what nobody lets in.
    let common = with("enableLogging = true;", "denyInterzone = true;");
    assert_eq!(log(&common, "refused"), line("5/second burst 20", "tailwright: "));
    let forward = line("5/second burst 20", "tailwright: forward: ");
    assert_eq!(log(&common, "unforwarded"), forward);
    has(&common, "chain forward_zone.lan", "goto unforwarded");
    lacks(&with("", "denyInterzone = true;"), "unforwarded");
    // What it may not pass on to is refused with its own line, too.
    has(&on, "chain forward_zone.lan", "goto refused.lan");
    lacks(&with("enableLogging = true;", "enableLogging = true;"), "refused.lan");
}
