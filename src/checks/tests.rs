//! The framework itself: lint, the token, and that no text makes a rule fall over.

use std::net::IpAddr;

use proptest::prelude::*;

use super::admission::is_let_in;
use super::{Checked, run};
use crate::diagnostic::{Code, Findings, Severity};
use crate::firewall::exposure::End;
use crate::net::{Port, Prefix, Transport};
use crate::profile::load;

fn check(text: &str) -> (Option<Checked>, Findings) {
    let mut profile = load("host.nix", text.as_bytes(), None, &mut |path| Err(path.to_owned()));
    let mut findings = std::mem::take(&mut profile.findings);
    let checked = profile.fleet.take().and_then(|fleet| run(fleet, &mut findings));
    (checked, findings)
}

fn weights(text: &str, code: Code) -> Vec<Severity> {
    let (_, findings) = check(text);
    let of_code = findings.iter().filter(|finding| finding.code == code);
    of_code.map(|finding| finding.severity).collect()
}

/// A host with a note, a warning and, where `more` says so, an error.
fn host(more: &str) -> String {
    format!(
        "network.vpn.tailscale = {{ enable = true; acceptDNS = false; exitNode = true; exitNodeAllowLANAccess = true; {more} }};"
    )
}

#[test]
fn lint_weighs_what_rules_and_the_reader_found() {
    let with = |lint: &str| {
        format!(
            "{{ host.name = \"a\"; network.dns.servers = [ ]; {} {lint} }}",
            host("")
        )
    };
    let note = Code::MagicDnsWithoutDns;
    let warning = Code::LanAccessOnExitNode;
    assert_eq!(weights(&with(""), note), [Severity::Note]);
    assert_eq!(weights(&with(""), warning), [Severity::Warning]);
    let lint = with("lint.magic-dns-without-dns = \"deny\"; lint.lan-access-on-exit-node = \"allow\";");
    assert_eq!(weights(&lint, note), [Severity::Error]);
    assert_eq!(weights(&lint, warning), []);
    assert!(check(&lint).0.is_none(), "what is denied forbids rendering");
    let reader = |lint: &str| format!("{{ network.vpn.tailscale.acceptDNS = true; {lint} }}");
    assert_eq!(weights(&reader(""), Code::GroupNotEnabled), [Severity::Warning]);
    assert_eq!(
        weights(&reader("lint.group-not-enabled = \"allow\";"), Code::GroupNotEnabled),
        []
    );
    assert_eq!(
        weights(&reader("lint.group-not-enabled = \"deny\";"), Code::GroupNotEnabled),
        [Severity::Error]
    );
}

/// Each profile has one value that cannot be read, and lines that would be wrong without it.
#[test]
fn what_follows_from_an_unreadable_value_is_not_reported() {
    const MANAGEMENT: &str = r#"host.name = "a"; host.management = [ { via = "eth0"; service = "ssh"; } ];"#;
    let zone = |members: &str, services: &str| {
        format!(
            r#"network.security.firewall-zones = {{ enable = true; zones.lan = {{ interfaces = {members}; allowedServices = [ "ssh" {services} ]; }}; }};"#
        )
    };
    let service = |service: &str| {
        format!(
            r#"network.proxy.nginx-tailscale = {{ enable = true; tailnetDomain = "t.ts.net"; certificate = "tailscale"; {service} }}; network.vpn.tailscale.enable = true;"#
        )
    };
    let lan = |services: &str| zone(r#"[ "eth0" ]"#, services);
    for wrong in [
        lan(r#""wiki""#) + &service("services.wiki.upstreamPort = 80000;"),
        lan(r#""wiki""#) + &service("services.wiki.upstreamPort = 80 + 1;"),
        lan(r#""wiki""#) + &service("services.wiki = { upstreamPort = 80; expose = \"prot\"; };"),
        lan(r#""wiki""#) + &service("services.wiki = { };"),
        zone(r#""eth0""#, ""),
        zone(r#"[ "eth 0" ]"#, ""),
        lan("")
            + "network.security.firewall-zones.zones.lan.forwardTo = [ \"b\" ]; network.security.firewall-zones.zones.b = 1;",
        lan("") + "network.vpn.tailscale.enable = if true then true else false;",
        lan("") + "network.vpn.tailscale.enabel = true;",
        lan("")
            + "network.vpn.tailscale = { enable = true; authKeyFile = config.sops.secrets.tailscale-authkey.path; }; secrets.tailscale.sopsFile = ./a + \"b\";",
        lan("") + &service("services.ollama.expose = \"service\";") + "network.vpn.tailscale.tags = [ \"server\" ];",
        lan("")
            + "host.interfaces = { eth0.prefixes = [ \"10.0.0.1/24\" ]; eth1 = 3; }; network.qos.limits.eth1.rate = \"1mbit\";",
    ] {
        let (checked, findings) = check(&format!("{{ {MANAGEMENT} {wrong} }}"));
        assert!(checked.is_none(), "{wrong}");
        let told: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(told.len(), 1, "{wrong}: {told:?}");
    }
    let (_, findings) = check(&format!(
        "{{ {MANAGEMENT} {} network.vpn.tailscale.port = 80000; }}",
        lan("\"wkii\"")
    ));
    let told: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert!(
        told.contains(&Code::UnknownService),
        "what has nothing to do with it is: {told:?}"
    );
}

/// Everything is closed by an interface that does not exist, and nothing else says so.
#[test]
fn the_tailnet_s_interface_has_one_name() {
    let with = |name: &str| {
        format!(
            "{{ host.name = \"a\"; host.management = [ {{ via = \"tailscale0\"; service = \"ssh\"; }} ];
                network.vpn.tailscale = {{ enable = true; interfaceName = \"{name}\"; }};
                network.security.firewall-zones = {{ enable = true;
                  zones.a = {{ interfaces = [ \"tailscale0\" \"eth0\" ]; allowedServices = [ \"ssh\" ]; }}; }}; }}"
        )
    };
    let codes = |text: &str| check(text).1.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(&with("tailscale0")), []);
    let told = codes(&with("ts0"));
    assert!(
        told.contains(&Code::UnknownInterface) && told.contains(&Code::UnknownManagementInterface),
        "{told:?}"
    );
}

#[test]
fn a_docker_socket_with_a_port_is_told_at_once() {
    let text = "{ host.name = \"a\"; network.vpn.tailscale.enable = true; network.proxy.nginx-tailscale = {
        enable = true; tailnetDomain = \"t.ts.net\";
        services.docker = { upstreamHost = \"unix:/var/run/docker.sock\"; upstreamPort = 2375; }; }; }";
    for code in [Code::UnixUpstreamWithPort, Code::ContainerSocketExposed] {
        assert_eq!(weights(text, code).len(), 1, "{code}");
    }
}

#[test]
fn an_exit_node_does_not_fail_over_to_another_one() {
    let with = |tailscale: &str, monitoring: &str| {
        format!(
            "{{ host.name = \"a\"; network.vpn.tailscale = {{ enable = true; {tailscale} }};
                network.monitoring.tailscale = {{ enable = true; enableAutoFailover = true; {monitoring} }}; }}"
        )
    };
    let other = "exitNodes = [ \"auto:any\" ];";
    let code = Code::ExitNodeUsesExitNode;
    assert_eq!(weights(&with("exitNode = true;", other), code), [Severity::Warning]);
    assert_eq!(weights(&with("", other), code), []);
    assert_eq!(weights(&with("exitNode = true;", ""), code), []);
    let (_, findings) = check(&with("exitNode = true;", ""));
    let note = findings
        .iter()
        .find(|finding| finding.code == Code::FailoverWithoutExitNodes);
    assert!(note.unwrap().message.contains("an exit node cannot move"), "{note:?}");
}

#[test]
fn routes_of_two_hosts_that_overlap_are_told_with_both_places() {
    let fleet = |a: &str, b: &str| {
        let host = |name: &str, routes: &str| {
            format!("hosts.{name}.network.vpn.tailscale = {{ enable = true; advertiseRoutes = [ {routes} ]; }};")
        };
        format!("{{ {} {} }}", host("a", a), host("b", b))
    };
    let told = |a: &str, b: &str| {
        let (_, findings) = check(&fleet(a, b));
        let of_code = findings
            .iter()
            .filter(|finding| finding.code == Code::RouteAdvertisedTwice);
        of_code.map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let within = "10.0.7.0/24 of b lies within 10.0.0.0/16 of a: clients take the narrower route";
    assert_eq!(told("\"10.0.0.0/16\"", "\"10.0.7.0/24\" \"10.1.0.0/24\""), [within]);
    assert_eq!(told("\"10.0.0.0/16\" \"10.0.3.0/24\"", "\"10.0.7.0/24\""), [within]);
    assert_eq!(told("\"10.0.0.0/16\"", "\"10.1.0.0/16\" \"fd00::/8\""), [""; 0]);
    assert_eq!(told("\"10.0.0.0/16\"", "\"10.0.0.0/16\"").len(), 1);
}

#[test]
fn a_host_s_own_lint_comes_before_the_fleet_s() {
    let fleet = |lint: &str, own: &str| {
        let (a, b) = (host(""), host(""));
        format!("{{ {lint} hosts.a = {{ {a} {own} }}; hosts.b = {{ {b} }}; }}")
    };
    let code = Code::LanAccessOnExitNode;
    let all = "lint.lan-access-on-exit-node = \"deny\";";
    let own = "lint.lan-access-on-exit-node = \"allow\";";
    assert_eq!(weights(&fleet("", ""), code), [Severity::Warning; 2]);
    assert_eq!(weights(&fleet(all, ""), code), [Severity::Error; 2]);
    assert_eq!(weights(&fleet(all, own), code), [Severity::Error]);
    assert_eq!(weights(&fleet("", own), code), [Severity::Warning]);
}

#[test]
fn what_is_fixed_cannot_be_weighed() {
    let text = format!("{{ host.name = \"a\"; {} }}", host("useExitNode = \"b\";"));
    assert_eq!(weights(&text, Code::ExitNodeUsesExitNode), [Severity::Error]);
    let (checked, findings) = check(&text.replace("host.name", "lint.exit-node-uses-exit-node = \"allow\"; host.name"));
    assert!(checked.is_none());
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert!(
        codes.contains(&Code::ExitNodeUsesExitNode) && codes.contains(&Code::UnknownLint),
        "{codes:?}"
    );
}

#[test]
fn the_token_holds_the_fleet_that_was_checked() {
    let (checked, findings) = check("{ host.name = \"a\"; }");
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(checked.map(|checked| checked.fleet().hosts.len()), Some(1));
}

/// Every bad example of every page: together they touch every option that a rule looks at.
fn examples() -> Vec<String> {
    let pages = Code::ALL.iter().map(|code| super::page(*code));
    pages
        .filter_map(|page| page.split("```nix\n").nth(1)?.split("\n```").next().map(str::to_owned))
        .collect()
}

/// Zones as a profile writes them: interfaces, addresses, ports.
fn zones() -> impl Strategy<Value = String> {
    let interfaces = prop::sample::subsequence(vec!["tailscale0", "enp3s0", "enp*", "wlan0", "*"], 0..3);
    let addresses = vec![
        "100.64.0.0/10",
        "100.64.0.0/24",
        "100.64.0.9",
        "192.168.15.0/24",
        "192.168.15.7",
        "fd7a:115c:a1e0::/48",
    ];
    let addresses = prop::sample::subsequence(addresses, 0..3);
    let ports = prop::sample::subsequence(vec!["22", "80", "443"], 0..3);
    let zone = (interfaces, addresses, ports, any::<bool>()).prop_map(|(interfaces, addresses, ports, all)| {
        let quoted = |words: Vec<&str>| {
            words
                .iter()
                .fold(String::new(), |list, word| list + &format!("{word:?} "))
        };
        format!(
            "{{ interfaces = [ {}]; allowedIPs = [ {}]; allowedTCPPorts = [ {} ]; allowAllServices = {}; }};",
            quoted(interfaces),
            quoted(addresses),
            ports.join(" "),
            all && ports.is_empty()
        )
    });
    (
        prop::collection::vec(zone, 1..4),
        prop::sample::select(vec!["drop", "accept"]),
    )
        .prop_map(|(zones, policy)| {
            let zones = zones
                .iter()
                .zip(["a", "b", "c"])
                .map(|(zone, name)| format!("zones.{name} = {zone} "));
            format!("defaultPolicy = {policy:?}; {}", zones.collect::<String>())
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Who is let in is told without compiling the ruleset; the ruleset itself says the same.
    #[test]
    fn whom_the_rules_think_let_in_the_ruleset_lets_in(zones in zones()) {
        let text = format!(
            "{{ host.name = \"a\"; host.interfaces.enp3s0.prefixes = [ \"192.168.15.10/24\" ]; network.vpn.tailscale.enable = true;
                network.security.firewall-zones = {{ enable = true; {zones} }}; }}"
        );
        let profile = load("host.nix", text.as_bytes(), None, &mut |path| Err(path.to_owned()));
        let fleet = profile.fleet.unwrap();
        let host = fleet.hosts.values().next().unwrap();
        let exposure = crate::firewall::exposure(host).unwrap();
        for interface in ["tailscale0", "enp3s0", "enp4s0", "wlan0", "eth9"] {
            let interface = interface.parse().unwrap();
            for address in ["100.64.0.9", "100.64.0.8", "100.100.0.1", "192.168.15.7", "192.168.15.8", "10.0.0.1", "fd7a:115c:a1e0::9", "2001:db8::1"] {
                let address: IpAddr = address.parse().unwrap();
                for port in [22, 80, 443, 5432] {
                    let port = Port::new(port).unwrap();
                    let end = End { interface: &interface, address };
                    if exposure.is_forged(end, Transport::Tcp, port) {
                        // Dropped before the zones are asked.
                        prop_assert!(exposure.admits(end, Transport::Tcp, port).is_none());
                        continue;
                    }
                    let compiled = exposure.admits(end, Transport::Tcp, port).is_some();
                    let thought = is_let_in(host, &interface, Some(Prefix::host(address)), Transport::Tcp, port);
                    prop_assert_eq!(thought, compiled, "{} {} {}\n{}", interface, address, port, text);
                }
            }
        }
    }

    /// What is left of an example when some of its lines are taken out, or put into another one, is checked without a panic.
    #[test]
    fn no_text_makes_a_rule_fall_over(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        kept in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let examples = examples();
        let lines = one.get(&examples).lines().zip(kept.iter().chain(std::iter::repeat(&true)));
        let mut text: Vec<_> = lines.filter(|(_, kept)| **kept).map(|(line, _)| line).collect();
        let guest: Vec<_> = other.get(&examples).lines().collect();
        let middle = text.len() / 2;
        let body = guest.get(1..guest.len().saturating_sub(1)).unwrap_or_default();
        text.splice(middle..middle, body.iter().copied());
        let (checked, findings) = check(&text.join("\n"));
        prop_assert!(checked.is_some() != findings.has_errors());
    }

    /// Numbers at the ends of their ranges, and names that mean something elsewhere.
    #[test]
    fn numbers_and_names_of_any_kind_are_checked(
        port in 0_u32..=70_000,
        upstream in 0_u32..=70_000,
        rate in 0_u32..=100_000,
        burst in 0_u64..=u64::from(u32::MAX),
        name in "[a-z][a-z0-9_-]{0,12}",
        zone in "[a-z][a-z0-9-]{0,12}",
    ) {
        let text = format!(
            "{{ host.name = \"a\"; network.vpn.tailscale.enable = true;
                host.management = [ {{ via = \"tailscale0\"; service = \"{name}\"; }} ];
                network.proxy.nginx-tailscale = {{ enable = true; enableHTTP3 = true; tailnetDomain = \"x.ts.net\";
                    services.\"{name}\" = {{ upstreamPort = {upstream}; port = {port}; rateLimit = \"{rate}r/s\";
                        rateLimitBurst = {burst}; funnel = true; funnelPort = {port}; }}; }};
                network.security.firewall-zones = {{ enable = true; rateLimitBurst = {burst};
                    zones.\"{zone}\" = {{ interfaces = [ \"tailscale0\" ]; allowedServices = [ \"{name}\" ]; forwardTo = [ \"{zone}\" ]; }}; }}; }}"
        );
        let (checked, findings) = check(&text);
        prop_assert!(checked.is_some() != findings.has_errors());
    }
}
