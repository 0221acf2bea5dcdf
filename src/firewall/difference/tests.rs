use super::*;
use crate::profile;

/// The exposure of a host whose profile holds these options of `network`, in Nix notation.
fn exposure(network: &str) -> Exposure {
    let text = format!(
        "{{ host.name = \"a\"; host.interfaces.eth0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; network = {{ {network} }}; }}"
    );
    let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| {
        Err("no other file".to_owned())
    });
    let found = format!("{:?}", profile.findings);
    let fleet = profile.fleet.unwrap_or_else(|| panic!("{found}"));
    crate::firewall::exposure(fleet.hosts.values().next().unwrap()).unwrap_or_else(|| panic!("{found}"))
}

fn zones(zones: &str) -> Exposure {
    exposure(&format!(
        "vpn.tailscale.enable = true; security.firewall-zones = {{ enable = true; {zones} }};"
    ))
}

/// A line for each entry, `+` for what becomes reachable and `-` for what stops being so.
fn lines(old: &Exposure, new: &Exposure) -> Vec<String> {
    let difference = Difference::between(Filter::Zones(old), Filter::Zones(new));
    let line = |sign: char, reach: &Reach| {
        let zone = reach.zone.as_ref().map_or("everybody", |zone| zone.as_str());
        let why = reach.evidence.comment().unwrap();
        let onward = if reach.output.is_everything() && reach.destination.is_everything() {
            String::new()
        } else {
            format!(" -> {} {}", reach.output, reach.destination)
        };
        let only = if reach.is_narrowed() {
            format!(" only {}", reach.conditions.join(" "))
        } else {
            String::new()
        };
        format!(
            "{sign} {zone}: {} from {}{onward}: {}{only} [{why}]",
            reach.input, reach.source, reach.traffic
        )
    };
    let both = [&difference.admitted, &difference.forwarded, &difference.sent];
    let opened = both
        .iter()
        .flat_map(|changes| changes.opened.iter().map(|reach| line('+', reach)));
    let closed = both
        .iter()
        .flat_map(|changes| changes.closed.iter().map(|reach| line('-', reach)));
    opened.chain(closed).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_port_more_is_exactly_that() {
    let lan = |ports: &str| {
        zones(&format!(
            "zones.lan = {{ interfaces = [ \"eth0\" ]; allowedTCPPorts = [ {ports} ]; }};"
        ))
    };
    let (old, new) = (lan("80 443"), lan("80 443 8080"));
    assert_eq!(
        lines(&old, &new),
        ["+ lan: eth0 from everywhere: tcp 8080 [zones.lan.allowedTCPPorts]"]
    );
    assert_eq!(
        lines(&new, &old),
        ["- lan: eth0 from everywhere: tcp 8080 [zones.lan.allowedTCPPorts]"]
    );
    assert_eq!(lines(&old, &lan("443 80")), NOTHING);
    assert_eq!(lines(&lan("80 81 82"), &lan("\"80-82\"")), NOTHING);
}

#[test]
fn what_is_written_otherwise_is_no_difference() {
    let lan = |prefixes: &str, services: &str| {
        zones(&format!(
            "zones.lan = {{ interfaces = [ \"eth0\" ]; allowedIPs = [ {prefixes} ]; {services} }};"
        ))
    };
    let whole = lan("\"10.0.0.0/8\"", "allowedServices = [ \"ssh\" ];");
    assert_eq!(
        lines(
            &whole,
            &lan("\"10.128.0.0/9\" \"10.0.0.0/9\"", "allowedTCPPorts = [ 22 ];")
        ),
        NOTHING
    );
    let two = zones(
        "zones.a = { interfaces = [ \"eth0\" ]; allowedIPs = [ \"10.0.0.0/9\" ]; allowedTCPPorts = [ 22 ]; };
         zones.b = { interfaces = [ \"eth0\" ]; allowedIPs = [ \"10.128.0.0/9\" ]; allowedTCPPorts = [ 22 ]; };",
    );
    assert_eq!(lines(&whole, &two), NOTHING, "two zones that admit the same");
}

#[test]
fn what_moves_is_told_on_both_sides_and_no_more() {
    let admin = |ip: &str| {
        zones(&format!(
            "zones.admin = {{ interfaces = [ \"tailscale0\" ]; allowedIPs = [ \"{ip}\" ]; allowAllServices = true; }};
             zones.all = {{ interfaces = [ \"tailscale0\" ]; allowedTCPPorts = [ 22 ]; }};"
        ))
    };
    assert_eq!(
        lines(&admin("100.64.0.6/31"), &admin("100.64.0.7")),
        [
            "- admin: tailscale0 from 100.64.0.6: tcp 0-21, 23-65535; udp 0-41640, 41642-65535; icmp 1-2, 4-7, 9-10, 13-255; other protocols [zones.admin.allowAllServices]"
        ]
    );
}

#[test]
fn an_interface_more_in_a_pattern_is_that_interface() {
    let bridges = |interfaces: &str| {
        zones(&format!(
            "zones.lan = {{ interfaces = [ {interfaces} ]; allowedTCPPorts = [ 53 ]; }};"
        ))
    };
    assert_eq!(
        lines(&bridges("\"br-a\" \"br-b\""), &bridges("\"br-*\"")),
        ["+ lan: br-* but br-a, br-b from everywhere: tcp 53 [zones.lan.allowedTCPPorts]"]
    );
}

#[test]
fn forged_sources_count_once_they_are_no_longer_dropped() {
    let lan = |tailscale: bool| {
        exposure(&format!(
            "vpn.tailscale = {{ enable = {tailscale}; openFirewall = false; }};
             security.firewall-zones = {{ enable = true; zones.lan = {{ interfaces = [ \"eth0\" ]; allowedIPs = [ \"100.64.0.0/24\" ]; allowedTCPPorts = [ 22 ]; }}; }};"
        ))
    };
    let changes = lines(&lan(true), &lan(false));
    assert!(
        changes.contains(&"+ lan: eth0 from 100.64.0.0/24: tcp 22 [zones.lan.allowedTCPPorts]".to_owned()),
        "{changes:#?}"
    );
    assert!(
        lan(true).admitted.iter().all(|reach| reach.zone.is_none()),
        "nothing of the zone ever arrives"
    );
}

#[test]
fn a_host_without_zones_or_no_host_at_all() {
    let lan = zones("zones.lan = { interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; };");
    let gone = Difference::between(Filter::Zones(&lan), Filter::NoHost);
    assert_eq!(gone.admitted.closed, lan.admitted);
    assert!(!gone.widens() && gone.narrows());
    let open = Difference::between(Filter::Zones(&lan), Filter::NoZones);
    assert!(open.widens() && !open.narrows());
    assert!(Difference::between(Filter::NoZones, Filter::NoZones).is_empty());
    assert!(Difference::between(Filter::NoHost, Filter::NoHost).is_empty());
}

#[test]
fn conditions_are_told_apart() {
    let with = |conditions: &[&str]| {
        let reach = Reach {
            conditions: conditions.iter().map(ToString::to_string).collect(),
            ..Reach::everything(Hook::Input, Evidence::note("test"))
        };
        Exposure {
            admitted: vec![reach],
            ..Exposure::default()
        }
    };
    let differ = |old: &[&str], new: &[&str]| {
        let difference = Difference::between(Filter::Zones(&with(old)), Filter::Zones(&with(new)));
        (difference.widens(), difference.narrows())
    };
    assert_eq!(differ(&["a", "b"], &["b", "a"]), (false, false));
    assert_eq!(differ(&["a"], &["b"]), (true, true));
    assert_eq!(
        differ(&["a"], &[]),
        (true, false),
        "whatever came under a condition comes without"
    );
    assert_eq!(differ(&[], &["a"]), (false, true));
}

#[test]
fn what_the_host_may_reach_counts_as_well() {
    let lan = |egress: &str| {
        zones(&format!(
            "zones.lan = {{ interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; {egress} }};"
        ))
    };
    let (free, few, more) = (
        lan(""),
        lan("allowedEgressTCPPorts = [ 443 ];"),
        lan("allowedEgressTCPPorts = [ 443 8443 ];"),
    );
    assert_eq!(
        lines(&few, &more),
        ["+ everybody: every interface from everywhere -> eth0 everywhere: tcp 8443 [zones.lan.allowedEgressTCPPorts]"]
    );
    let (closed, opened) = (lines(&free, &few), lines(&few, &free));
    assert!(
        closed.iter().all(|line| line.starts_with("- ")) && !closed.is_empty(),
        "{closed:#?}"
    );
    assert!(
        opened.iter().all(|line| line.starts_with("+ ")) && opened.len() == closed.len(),
        "{opened:#?}"
    );
}
