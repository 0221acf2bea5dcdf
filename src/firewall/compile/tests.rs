mod forward;
mod limits;
mod members;
mod sources;

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
