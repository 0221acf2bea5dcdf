//! What a profile makes of the probes.

use tailwright::model::{Probed, Probes};

use super::plan::{read, settings};

#[test]
fn where_nothing_is_written_the_documented_targets_are_asked() {
    let probes = settings("").probes;
    assert_eq!(probes, Probes::default());
    let internet: Vec<String> = probes.internet.iter().map(ToString::to_string).collect();
    assert_eq!(internet, ["1.1.1.1:443", "9.9.9.9:443", "[2606:4700:4700::1111]:443"]);
    let dns: Vec<String> = probes.egress.dns.iter().map(ToString::to_string).collect();
    assert_eq!(dns, ["1.1.1.1", "9.9.9.9"]);
    let http: Vec<String> = probes.egress.http.iter().map(ToString::to_string).collect();
    assert_eq!(http, Probes::EGRESS_URLS);
}

#[test]
fn what_is_written_takes_the_place_of_the_defaults_and_may_be_nothing() {
    let probes = settings("probes = { internet = [ ]; egress = { dns = [ \"192.0.2.53\" ]; http = [ ]; }; };").probes;
    assert!(probes.internet.is_empty() && probes.egress.http.is_empty());
    assert_eq!(probes.egress.dns.len(), 1);
    let probes = settings("probes.egress.http = [ ];").probes;
    assert_eq!(
        probes.egress.dns,
        Probes::default().egress.dns,
        "one list says nothing of the other"
    );
}

#[test]
fn a_target_is_like_the_monitor_where_it_says_nothing_else() {
    let probes = settings(
        "checkInterval = 20; maxLatency = 150;
         probes.targets = {
           nas = { ping = \"nas.lan\"; interval = 2; };
           desk = { peer.node = \"desk\"; };
           laptop = { peer = { node = \"laptop.your-tailnet.ts.net\"; kind = \"icmp\"; }; interval = \"1m\"; };
           db = { tcp = \"db:5432\"; maxLatency = 50; maxPacketLoss = 1; };
           web = { http = \"https://www.example.org/health\"; interval = \"1m\"; timeout = \"10s\"; };
           router = { dns = { server = \"192.168.15.1\"; name = \"nas.lan\"; }; };
         };",
    )
    .probes;
    let shown: Vec<String> = probes
        .targets
        .iter()
        .map(|(name, target)| {
            let limits = format!(
                "{}/{}/{}/{}",
                target.interval, target.timeout, target.max_latency, target.max_packet_loss
            );
            let ask = match &target.ask {
                Probed::Ping(host) => format!("ping {host}"),
                Probed::Peer { node, kind } => format!("peer {node} {}", kind.as_str()),
                Probed::Tcp(endpoint) => format!("tcp {endpoint}"),
                Probed::Http(url) => format!("http {url}"),
                Probed::Dns { server, name } => format!("dns {server} {name}"),
            };
            format!("{name}: {ask} {limits}")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "db: tcp db:5432 20s/5s/50ms/1",
            "desk: peer desk tsmp 20s/5s/150ms/5",
            "laptop: peer laptop.your-tailnet.ts.net icmp 1m/5s/150ms/5",
            "nas: ping nas.lan 2s/2s/150ms/5",
            "router: dns 192.168.15.1 nas.lan 20s/5s/150ms/5",
            "web: http https://www.example.org/health 1m/10s/150ms/5",
        ]
    );
}

#[test]
fn what_cannot_be_asked_is_refused_at_its_place() {
    let many = |count: u32| -> String {
        (0..count).fold(String::new(), |all, number| {
            format!("{all} t{number}.ping = \"10.0.0.1\";")
        })
    };
    let too_many = format!("probes.targets = {{ {} }};", many(33));
    let just_enough = format!("probes.targets = {{ {} }};", many(32));
    assert_eq!(read(&just_enough).1, "");
    for (monitoring, expected) in [
        (
            "probes.internet = [ \"one.example.org:443\" ];",
            "must not depend on a resolver",
        ),
        ("probes.internet = [ \"1.1.1.1\" ];", "it has no port"),
        ("probes.internet = [ \"1.1.1.1:443\" \"1.1.1.1:443\" ];", "listed twice"),
        (
            "probes.egress.dns = [ \"dns.example.org\" ];",
            "expected an IPv4 or IPv6 address",
        ),
        ("probes.egress.dns = [ \"1.1.1.1\" \"1.1.1.1\" ];", "listed twice"),
        (
            "probes.egress.http = [ \"ftp://example.org/\" ];",
            "only http and https",
        ),
        (
            "probes.egress.http = [ \"http://user:pw@example.org/\" ];",
            "does not belong here",
        ),
        (
            "probes.egress.http = [ \"http://example.org/\\r\\nHost: x\" ];",
            "percent-encoded",
        ),
        (
            "probes.internet = [ \"1.0.0.1:1\" \"1.0.0.1:2\" \"1.0.0.1:3\" \"1.0.0.1:4\" \"1.0.0.1:5\" \"1.0.0.1:6\" \"1.0.0.1:7\" \
             \"1.0.0.1:8\" \"1.0.0.1:9\" ];",
            "more than 8",
        ),
        ("probes.targets.nas = { };", "`ping` is missing"),
        (
            "probes.targets.nas = { ping = \"nas\"; tcp = \"nas:22\"; };",
            "`ping` and `tcp` at once",
        ),
        ("probes.targets.nas.peer.kind = \"icmp\";", "`node` is missing"),
        (
            "probes.targets.nas = { ping = \"nas\"; peer.node = \"nas\"; };",
            "`ping` and `peer` at once",
        ),
        (
            "probes.targets.nas.peer = { node = \"nas\"; kind = \"icpm\"; };",
            "icmp",
        ),
        ("probes.targets.nas.dns.server = \"10.0.0.1\";", "`name` is missing"),
        (
            "probes.targets.nas = { ping = \"nas\"; interval = \"100ms\"; };",
            "every 500ms at most",
        ),
        (
            "probes.targets.nas = { ping = \"nas\"; interval = 2; timeout = 3; };",
            "longer (3s) than until the next check",
        ),
        ("probes.targets.nas.tcp = \"nas\";", "it has no port"),
        ("probes.targets.nas.ping = \"a b\";", "invalid upstream host"),
        ("probes.targets.\"a b\".ping = \"nas\";", "service name"),
        ("probes.targets.gateway.ping = \"nas\";", "a measurement of its own"),
        (
            "failover.lanServices.db = { tailnetAddress = \"db\"; lanAddress = \"10.0.0.1\"; port = 1; }; probes.targets.db.ping = \"db\";",
            "measured already",
        ),
        ("probes.target.nas.ping = \"nas\";", "targets"),
        (too_many.as_str(), "at most 32"),
    ] {
        let (_, out) = read(monitoring);
        assert!(
            out.contains("error[") && out.contains(expected) && out.contains("host.nix:3:"),
            "{monitoring}: {out}"
        );
    }
}
