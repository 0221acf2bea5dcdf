use crate::firewall::ruleset::Evidence;
use crate::profile;

/// The exposure of a host whose profile holds these options of `network`, in Nix notation, a line for each entry.
fn exposure(network: &str) -> (Vec<String>, Vec<String>) {
    let text = format!(
        "{{ host.name = \"a\"; host.interfaces.eth0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; network = {{ {network} }}; }}"
    );
    let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| {
        Err("no other file".to_owned())
    });
    let found = format!("{:?}", profile.findings);
    let fleet = profile.fleet.unwrap_or_else(|| panic!("{found}"));
    let exposure = super::exposure(fleet.hosts.values().next().unwrap()).unwrap_or_else(|| panic!("{found}"));
    let admitted = exposure.admitted.iter().map(|reach| {
        let zone = reach.zone.as_ref().map_or("everybody", |zone| zone.as_str());
        let why = reach.evidence.comment().unwrap();
        let narrowed = if reach.is_narrowed() { " (narrowed)" } else { "" };
        format!(
            "{zone}: {} from {}: {}{narrowed} [{why}]",
            reach.input, reach.source, reach.traffic
        )
    });
    let forwarded = exposure.forwarded.iter().map(|reach| {
        let path = reach.path.iter().chain([&reach.evidence]);
        let why: Vec<_> = path.filter_map(Evidence::comment).map(|why| why.to_string()).collect();
        let why = why.join(" > ");
        format!(
            "{} {} -> {} {}: {} [{why}]",
            reach.input, reach.source, reach.output, reach.destination, reach.traffic
        )
    });
    (admitted.collect(), forwarded.collect())
}

#[test]
fn everything_that_is_admitted_is_listed_with_its_line() {
    let (admitted, forwarded) = exposure(
        "vpn.tailscale.enable = true;
         security.firewall-zones = { enable = true;
           zones.dmz = { enable = true; interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 80 \"8000-8100\" ]; allowedServices = [ \"dns\" ]; };
           zones.admin = { enable = true; interfaces = [ \"tailscale0\" ]; allowedIPs = [ \"100.64.0.7\" ]; allowAllServices = true; };
           zones.internal = { enable = true; interfaces = [ \"tailscale0\" ]; allowedServices = [ \"ssh\" ]; };
           zones.bridges = { enable = true; interfaces = [ \"br-*\" ]; allowedTCPPorts = [ 53 ]; }; };",
    );
    assert!(admitted[0].starts_with("everybody: every interface but lo from everywhere: icmp echo-reply, "));
    assert!(
        admitted[1].starts_with("everybody: every interface but lo from everywhere: icmpv6 destination-unreachable, ")
    );
    assert_eq!(
        admitted[2..],
        [
            "everybody: every interface but lo from 0.0.0.0/0: udp 68 (narrowed) [DHCP]",
            "everybody: every interface but lo from everywhere: udp 546 [DHCPv6]",
            "everybody: every interface but lo from everywhere: udp 41641 [WireGuard: network.vpn.tailscale.openFirewall]",
            "dmz: eth0 from everywhere: tcp 53; udp 53 [dns: zones.dmz.allowedServices[0]]",
            "dmz: eth0 from everywhere: tcp 80, 8000-8100 [zones.dmz.allowedTCPPorts]",
            "admin: tailscale0 from 100.64.0.7: everything [zones.admin.allowAllServices]",
            "internal: tailscale0 from everywhere but 100.64.0.7: tcp 22 [ssh: zones.internal.allowedServices[0]]",
            "bridges: br-* from everywhere: tcp 53 [zones.bridges.allowedTCPPorts]",
        ]
    );
    assert_eq!(forwarded, [""; 0]);
}

#[test]
fn an_accepting_policy_shows() {
    let (admitted, _) = exposure(
        "security.firewall-zones = { enable = true; defaultPolicy = \"accept\"; zones.lan = { enable = true; interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 ]; }; };",
    );
    assert_eq!(
        admitted[4..],
        [
            "lan: eth0 from everywhere: tcp 22 [zones.lan.allowedTCPPorts]",
            "lan: eth0 from everywhere: everything [default policy: defaultPolicy]",
            "everybody: every interface but eth0, lo from everywhere: everything [default policy: defaultPolicy]",
        ]
    );
}

#[test]
fn what_passes_through_is_listed() {
    let (_, forwarded) = exposure(
        "vpn.tailscale = { enable = true; enableSubnetRouter = true; advertiseRoutes = [ \"10.1.0.0/16\" ]; };
         security.firewall-zones = { enable = true;
           zones.lan = { enable = true; interfaces = [ \"eth0\" ]; forwardTo = [ \"data\" ]; };
           zones.data = { enable = true; interfaces = [ \"br-data\" ]; forwardedTCPPorts = [ 5432 ]; };
           zones.isolated = { enable = true; interfaces = [ \"br-iso\" ]; }; };",
    );
    assert_eq!(
        forwarded,
        [
            "br-data everywhere -> br-data everywhere: everything [zones.data.interfaces[0] > inside a zone]",
            "br-data everywhere -> every interface but br-data, br-iso, tailscale0 everywhere: everything [zones.data.interfaces[0] > left to others]",
            "br-iso everywhere -> br-iso everywhere: everything [zones.isolated.interfaces[0] > inside a zone]",
            "eth0 everywhere -> br-data everywhere: tcp 5432 [zones.lan.interfaces[0] > zones.lan.forwardTo[0] > zones.data.forwardedTCPPorts]",
            "eth0 everywhere -> eth0 everywhere: everything [zones.lan.interfaces[0] > inside a zone]",
            "tailscale0 everywhere -> br-data 10.1.0.0/16: tcp 5432 [the tailnet > by route > zones.data.forwardedTCPPorts > network.vpn.tailscale.advertiseRoutes[0]]",
            "tailscale0 everywhere -> every interface but br-data, br-iso 10.1.0.0/16: everything [the tailnet > by route > network.vpn.tailscale.advertiseRoutes[0]]",
            "every interface but br-data, br-iso, eth0, lo, tailscale0 everywhere -> br-data everywhere: tcp 5432 [narrowed: zones.data > zones.data.forwardedTCPPorts]",
            "every interface but br-data, br-iso, eth0, lo, tailscale0 everywhere -> every interface but br-data, br-iso everywhere: everything [left to others]",
        ]
    );
}
