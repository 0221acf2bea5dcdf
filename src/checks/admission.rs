//! Who is let in where: the zones that a packet may belong to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{DefaultPolicy, Host, InterfaceRole, Zone, ZoneMember};
use crate::net::{InterfaceAddress, InterfaceName, Port, Prefix, Transport};

/// The zones that packets by `interface` from `from` can belong to; from wherever they can rightly come, where `from` is
/// `None`. As in the ruleset the most exact interface is asked first, inside it the longest prefix wins, and what no prefix
/// there wants goes on to the next pattern.
pub(super) fn zones_of<'a>(host: &'a Host, interface: &InterfaceName, from: Option<Prefix>) -> Vec<&'a Zone> {
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    let members = zones.flat_map(|zone| zone.members.iter().map(move |member| (zone, member)));
    let mut by_exactness: BTreeMap<_, Vec<(&Zone, &ZoneMember)>> = BTreeMap::new();
    for (zone, member) in members.filter(|(_, member)| member.interface.matches(interface)) {
        by_exactness
            .entry(Reverse(exactness(member)))
            .or_default()
            .push((zone, member));
    }
    let sources = from.map_or_else(|| sources(host, interface), |from| vec![from]);
    let mut found: Vec<&Zone> = Vec::new();
    for source in sources {
        for here in by_exactness.values() {
            // Of two zones that claim the same packets the first by name has them.
            let around = here
                .iter()
                .rev()
                .filter(|(_, member)| member.prefix.is_none_or(|prefix| prefix.covers(&source)));
            let longest = around.max_by_key(|(_, member)| member.prefix.map(|prefix| prefix.len()));
            let within = here.iter().filter(|(_, member)| {
                member
                    .prefix
                    .is_some_and(|prefix| source.covers(&prefix) && prefix != source)
            });
            for (zone, _) in longest.into_iter().chain(within) {
                if !found.contains(zone) {
                    found.push(zone);
                }
            }
            if longest.is_some() {
                break;
            }
        }
    }
    found
}

/// Where packets by an interface can come from: the tailnet, the network that the interface is attached to, or anywhere.
fn sources(host: &Host, interface: &InterfaceName) -> Vec<Prefix> {
    if host.tailnet_interface() == Some(interface) {
        return vec![Prefix::TAILNET_V4, Prefix::TAILNET_V6];
    }
    let known = host
        .interfaces
        .get(interface)
        .filter(|known| known.role != InterfaceRole::Wan);
    let attached = known.into_iter().flat_map(|known| &known.addresses);
    let attached: Vec<_> = attached.map(InterfaceAddress::prefix).collect();
    if attached.is_empty() {
        vec![Prefix::DEFAULT_V4, Prefix::DEFAULT_V6]
    } else {
        attached
    }
}

/// How exact the interface of a member is: a whole name before any pattern, a longer pattern before a shorter one.
fn exactness(member: &ZoneMember) -> (bool, usize) {
    let start = member.interface.starts_with();
    (start.is_none(), start.map_or(0, str::len))
}

/// Whether some packets by `interface` from `from` are let in to a port of the host.
pub(super) fn is_let_in(
    host: &Host,
    interface: &InterfaceName,
    from: Option<Prefix>,
    transport: Transport,
    port: Port,
) -> bool {
    let Some(zones) = &host.zones else { return true };
    zones.default_policy == DefaultPolicy::Accept
        || zones_of(host, interface, from)
            .into_iter()
            .any(|zone| host.zone_admits(zone, transport, port))
}

/// The zones in which somebody is.
pub(super) fn inhabited(host: &Host) -> impl Iterator<Item = &Zone> {
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    zones.filter(|zone| !zone.members.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::load;

    fn zones(text: &str, interface: &str, from: Option<&str>) -> Vec<String> {
        let text = format!(
            "{{ host.name = \"a\"; host.interfaces.enp3s0.prefixes = [ \"192.168.15.10/24\" ];
                network.vpn.tailscale.enable = true;
                network.security.firewall-zones = {{ enable = true; {text} }}; }}"
        );
        let profile = load("host.nix", text.as_bytes(), None, &mut |path| Err(path.to_owned()));
        let fleet = profile.fleet.unwrap();
        let host = fleet.hosts.values().next().unwrap();
        let from = from.map(|from| from.parse().unwrap());
        let found = zones_of(host, &interface.parse().unwrap(), from);
        found.iter().map(|zone| zone.name.to_string()).collect()
    }

    const TAILNET: &str = "zones.all.interfaces = [ \"tailscale0\" ]; zones.ops.allowedIPs = [ \"100.64.0.9\" ];";

    #[test]
    fn a_source_belongs_to_the_longest_prefix_around_it() {
        assert_eq!(zones(TAILNET, "tailscale0", Some("100.64.0.9/32")), ["ops"]);
        assert_eq!(zones(TAILNET, "tailscale0", Some("100.64.0.8/32")), ["all"]);
        assert_eq!(zones(TAILNET, "tailscale0", Some("100.64.0.8/29")), ["all", "ops"]);
        assert_eq!(zones(TAILNET, "tailscale0", None), ["all", "ops"]);
    }

    #[test]
    fn a_zone_that_others_have_taken_over_has_nobody() {
        let shadowed = "zones.all.interfaces = [ \"tailscale0\" ];
            zones.ops.allowedIPs = [ \"100.64.0.0/10\" \"fd7a:115c:a1e0::/48\" ];";
        assert_eq!(zones(shadowed, "tailscale0", None), ["ops"]);
        let lan = "zones.lan.interfaces = [ \"enp3s0\" ];
            zones.all = { interfaces = [ \"enp3s0\" ]; allowedIPs = [ \"192.168.0.0/16\" ]; };";
        assert_eq!(zones(lan, "enp3s0", None), ["all"]);
    }

    #[test]
    fn the_most_exact_interface_wins() {
        let patterns = "zones.some.interfaces = [ \"enp*\" ]; zones.more.interfaces = [ \"enp3*\" ];";
        assert_eq!(zones(patterns, "enp3s0", None), ["more"]);
        assert_eq!(zones(patterns, "enp4s0", None), ["some"]);
        assert_eq!(zones(patterns, "wlan0", None), [""; 0]);
        let part = "zones.some.interfaces = [ \"enp*\" ];
            zones.one = { interfaces = [ \"enp3s0\" ]; allowedIPs = [ \"192.168.15.7\" ]; };";
        assert_eq!(zones(part, "enp3s0", Some("192.168.15.7/32")), ["one"]);
        assert_eq!(zones(part, "enp3s0", Some("192.168.15.8/32")), ["some"]);
    }
}
