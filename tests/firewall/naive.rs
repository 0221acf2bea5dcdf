//! The zones taken literally: what the documentation says about one packet, without tables, maps or classes. Written
//! against the documentation and not after the compiler.

use std::cmp::Reverse;
use std::net::IpAddr;

use tailwright::firewall::exposure::End;
use tailwright::model::{DefaultPolicy, FirewallZones, Host, InterfaceRole, Zone, ZoneMember};
use tailwright::net::{InterfaceAddress, InterfaceName, Port, PortRange, Prefix, Transport};

/// The zone of an address behind an interface: the most exact interface, inside it the longest prefix.
fn zone_of<'a>(zones: &'a FirewallZones, end: End<'_>) -> Option<&'a Zone> {
    let exactness = |member: &ZoneMember| match (member.interface.exact(), member.interface.starts_with()) {
        (None, Some(start)) => start.len(),
        _ => usize::MAX,
    };
    let length = |member: &ZoneMember| member.prefix.map_or(-1, |prefix| i16::from(prefix.len()));
    let of_zone = |zone: &'a Zone| zone.members.iter().map(move |member| (zone, member));
    zones
        .zones
        .values()
        .flat_map(of_zone)
        .filter(|(_, member)| member.interface.matches(end.interface))
        .filter(|(_, member)| member.prefix.is_none_or(|prefix| prefix.contains(end.address)))
        .min_by_key(|(_, member)| Reverse((exactness(member), length(member))))
        .map(|(zone, _)| zone)
}

/// Whether a packet claims a tailnet address and comes by another interface. Networks that the host is attached to may use
/// the same addresses, and ChromeOS numbers its machines out of them.
fn is_forged(host: &Host, from: End<'_>) -> bool {
    let tailnet = host.tailnet_interface();
    let claims = [Prefix::TAILNET_V4, Prefix::TAILNET_V6]
        .iter()
        .any(|prefix| prefix.contains(from.address));
    let chrome: Prefix = "100.115.92.0/23".parse().unwrap();
    let attached = host
        .attached_prefixes()
        .any(|(interface, prefix, _)| interface == from.interface && prefix.contains(from.address));
    tailnet.is_some_and(|tailnet| tailnet != from.interface) && claims && !attached && !chrome.contains(from.address)
}

/// Whether a packet comes by a WAN interface and claims an address that is not on the internet: blocked where the profile says
/// so, or where it says nothing and all own addresses there are known and public.
fn is_bogon(host: &Host, from: End<'_>) -> bool {
    let Some(interface) = host.interfaces.get(from.interface) else {
        return false;
    };
    let links: Vec<Prefix> = interface.addresses.iter().map(InterfaceAddress::prefix).collect();
    let is_private = |link: &Prefix| match link.network() {
        IpAddr::V4(address) => address.is_private() || link.overlaps_tailnet(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    let auto = !links.is_empty() && !links.iter().any(is_private);
    let zones = host.zones.as_ref().unwrap();
    interface.role == InterfaceRole::Wan
        && host.tailnet_interface() != Some(from.interface)
        && zones.block_bogons.unwrap_or(auto)
        && !links.iter().any(|link| link.contains(from.address))
        && is_special(from.address)
}

/// Whether it may be DHCP, which comes from where it likes.
fn is_dhcp(from: End<'_>, transport: Transport, port: Port) -> bool {
    from.address.is_ipv4() && transport == Transport::Udp && matches!(port.get(), 67 | 68)
}

/// Whether nobody on the internet has an address, and it does not belong to the link itself.
fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => match address.octets() {
            [0 | 10 | 127 | 224.., ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _] => true,
            [100, second, ..] => (64..128).contains(&second),
            [172, second, ..] => (16..32).contains(&second),
            _ => false,
        },
        IpAddr::V6(address) => match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 1] | [0, 0, 0, 0, 0, 0xffff, ..] | [0x100, 0, 0, 0, ..] | [0x2001, 0xdb8, ..] => true,
            [first, ..] => (0xfc00..=0xfdff).contains(&first) || first >= 0xfec0,
        },
    }
}

/// Whether a new connection to the host is let in.
pub fn admits(host: &Host, from: End<'_>, transport: Transport, port: Port) -> bool {
    if is_forged(host, from) || is_bogon(host, from) && !is_dhcp(from, transport, port) {
        return false;
    }
    let zones = host.zones.as_ref().unwrap();
    let wireguard = host.tailscale.as_ref().is_some_and(|tailscale| {
        tailscale.open_firewall && transport == Transport::Udp && tailscale.port == Some(port)
    });
    let by_zone = zone_of(zones, from).is_some_and(|zone| {
        let list = match transport {
            Transport::Tcp => &zone.tcp,
            Transport::Udp => &zone.udp,
        };
        let meant = |ports: Vec<(Transport, PortRange)>| {
            ports
                .iter()
                .any(|(kind, range)| *kind == transport && range.contains(port))
        };
        let mut services = zone.services.iter();
        zone.allow_all
            || list.contains(port)
            || services.any(|service| host.resolve_service(&service.name).is_some_and(meant))
    });
    wireguard || by_zone || zones.default_policy == DefaultPolicy::Accept
}

/// Whether a new connection through the host passes.
pub fn passes(host: &Host, from: End<'_>, to: End<'_>, transport: Transport, port: Port) -> bool {
    if is_forged(host, from) || is_bogon(host, from) && !is_dhcp(from, transport, port) {
        return false;
    }
    let zones = host.zones.as_ref().unwrap();
    let router = host.tailscale.as_ref().filter(|tailscale| tailscale.forwards());
    let is_tailnet = |end: End<'_>| router.is_some_and(|tailscale| tailscale.interface == *end.interface);
    let (source, target) = (zone_of(zones, from), zone_of(zones, to));
    let same = matches!((source, target), (Some(one), Some(other)) if one.name == other.name);
    if same && !is_tailnet(from) && !is_tailnet(to) {
        return true;
    }
    let denies = |zone: Option<&Zone>| zone.is_some_and(|zone| zone.deny_interzone);
    let forwards = source.map_or(&[][..], |zone| &zone.forward_to);
    let listed = forwards
        .iter()
        .any(|(name, _)| target.is_some_and(|zone| zone.name == *name));
    let open = if !same && (denies(source) || denies(target)) {
        false
    } else if listed {
        true
    } else if is_tailnet(from) {
        is_route(host, to)
    } else {
        zones.default_policy == DefaultPolicy::Accept || forwards.is_empty() && !(is_tailnet(to) && source.is_some())
    };
    open && (same || target.is_none_or(|zone| is_reachable(zone, transport, port)))
}

/// Whether a port may be reached in a zone from outside it.
fn is_reachable(zone: &Zone, transport: Transport, port: Port) -> bool {
    let Some(forwarded) = &zone.forwarded else { return true };
    let list = match transport {
        Transport::Tcp => &forwarded.tcp,
        Transport::Udp => &forwarded.udp,
    };
    let mut services = forwarded.services.iter();
    list.contains(port)
        || services.any(|service| {
            let known = tailwright::model::known_service::known(service.name.as_str());
            let mut endpoints = known.map_or(&[][..], |known| known.endpoints).iter();
            endpoints.any(|endpoint| endpoint.transport() == transport && endpoint.port == port)
        })
}

/// Whether the host leads connections from the tailnet there.
fn is_route(host: &Host, to: End<'_>) -> bool {
    let tailscale = host.tailscale.as_ref().unwrap();
    let advertised = if tailscale.subnet_router {
        &tailscale.advertise_routes[..]
    } else {
        &[]
    };
    let (default, routes): (Vec<&Prefix>, Vec<&Prefix>) = advertised.iter().partition(|prefix| prefix.is_default());
    if routes.iter().any(|prefix| prefix.contains(to.address)) {
        return true;
    }
    let exit = tailscale.exit_node || !default.is_empty();
    let role = |name: &InterfaceName| host.interfaces[name].role;
    let attached = host
        .attached_prefixes()
        .any(|(name, prefix, _)| role(name) != InterfaceRole::Wan && prefix.contains(to.address));
    let mut wan = host.interfaces_as(InterfaceRole::Wan).peekable();
    let by_wan = wan.peek().is_none() || wan.any(|(name, _)| name == to.interface);
    exit && !attached && is_internet(to.address) && by_wan
}

fn is_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || a == 0
                || a >= 224
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            !(address.is_unspecified()
                || address.is_loopback()
                || address.is_multicast()
                || address.is_unique_local()
                || (0xfe80..0xff00).contains(&first))
        }
    }
}
