//! What random packets are aimed at: the boundaries of a host's zones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tailwright::model::{Forwarded, Host, known_service};
use tailwright::net::{InterfaceAddress, InterfaceName, PortRange, PortSet, Prefix, Transport};

use super::random::Random;
use super::topology::{self, CABLES, NOWHERE};

/// Everybody who matters and nobody does: the internet, the links, the tailnet, groups.
const PREFIXES: &[&str] = &[
    "0.0.0.0/0",
    "100.64.0.0/10",
    "100.115.92.0/23",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/0",
    "2000::/3",
    "fc00::/7",
    "fd7a:115c:a1e0::/48",
    "fe80::/10",
    "ff02::/16",
];

/// A way to be in a zone, with the ports at the ends of and beside all ranges that the zone speaks of.
#[derive(Clone)]
pub struct Aim {
    /// The interfaces that it means.
    pub interfaces: Vec<InterfaceName>,
    /// The addresses that it means; all of the interface where there is none.
    pub prefix: Option<Prefix>,
    /// What it may reach on the host, by transport.
    pub admitted: [Vec<u16>; 2],
    /// What others may reach in it.
    pub forwarded: [Vec<u16>; 2],
    /// What the host itself may reach in it.
    pub sent: [Vec<u16>; 2],
    /// Whether the zone says what the host itself may reach in it.
    pub is_egress: bool,
}

/// Every way to be in one of the host's zones.
pub fn aims(host: &Host, interfaces: &[InterfaceName]) -> Vec<Aim> {
    let mut aims = Vec::new();
    for zone in host.zones.iter().flat_map(|zones| zones.zones.values()) {
        let services = zone.services.iter();
        let services = services.flat_map(|service| host.resolve_service(&service.name).unwrap_or_default());
        let admitted = by_transport(&zone.tcp, &zone.udp, services);
        let forwarded = zone.forwarded.as_ref().map(of_others);
        let sent = zone.egress.as_ref().and_then(|egress| egress.ports.as_ref());
        let sent = sent.map(of_others).unwrap_or_default();
        for member in &zone.members {
            let meant = interfaces.iter().filter(|name| member.interface.matches(name));
            let aim = Aim {
                interfaces: meant.cloned().collect(),
                prefix: member.prefix,
                admitted: admitted.clone(),
                forwarded: forwarded.clone().unwrap_or_default(),
                sent: sent.clone(),
                is_egress: zone.egress.is_some(),
            };
            if !aim.interfaces.is_empty() {
                aims.push(aim);
            }
        }
    }
    aims
}

/// Ports that others offer.
fn of_others(ports: &Forwarded) -> [Vec<u16>; 2] {
    let known = ports
        .services
        .iter()
        .filter_map(|service| known_service::known(service.name.as_str()));
    let known = known.flat_map(|known| known.endpoints);
    let known = known.map(|endpoint| (endpoint.transport(), endpoint.port.into()));
    by_transport(&ports.tcp, &ports.udp, known)
}

fn by_transport(tcp: &PortSet, udp: &PortSet, services: impl Iterator<Item = (Transport, PortRange)>) -> [Vec<u16>; 2] {
    let services: Vec<_> = services.collect();
    [(Transport::Tcp, tcp), (Transport::Udp, udp)].map(|(transport, set)| {
        let named = services
            .iter()
            .filter(|(of, _)| *of == transport)
            .map(|(_, range)| *range);
        beside(set.ranges().iter().copied().chain(named))
    })
}

/// The ports at the ends of the ranges, and those beside them.
pub fn beside(ranges: impl Iterator<Item = PortRange>) -> Vec<u16> {
    let ends = ranges.map(|range| (range.first().get(), range.last().get()));
    ends.flat_map(|(first, last)| [first - 1, first, last, last.saturating_add(1)])
        .collect()
}

/// Every prefix that a host's profile speaks of, those of the laboratory, and those that everybody knows.
pub fn prefixes(host: &Host) -> Vec<Prefix> {
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    let egress = zones.clone().filter_map(|zone| zone.egress.as_ref()?.prefixes.as_ref());
    let egress = egress.flatten().map(|(prefix, _)| *prefix);
    let members = zones.flat_map(|zone| &zone.members).filter_map(|member| member.prefix);
    let routes = host
        .tailscale
        .iter()
        .flat_map(|tailscale| &tailscale.advertise_routes)
        .copied();
    let attached = host.attached_prefixes().map(|(_, prefix, _)| prefix);
    let cables = CABLES.iter().flat_map(topology::prefixes_behind);
    let common = PREFIXES
        .iter()
        .chain(NOWHERE)
        .map(|prefix| prefix.parse().expect("a prefix"));
    members
        .chain(egress)
        .chain(routes)
        .chain(attached)
        .chain(cables)
        .chain(common)
        .collect()
}

/// The first and last address of a prefix, those beside it, and one in it.
pub fn around(prefix: Prefix, random: &mut Random) -> [IpAddr; 5] {
    let within = random.within(prefix);
    match prefix.network() {
        IpAddr::V4(first) => {
            let first = u32::from(first);
            let last = first | u32::MAX.checked_shr(prefix.len().into()).unwrap_or(0);
            let ends = [first.wrapping_sub(1), first, last, last.wrapping_add(1)];
            let [before, first, last, behind] = ends.map(|address| Ipv4Addr::from(address).into());
            [before, first, within, last, behind]
        }
        IpAddr::V6(first) => {
            let first = u128::from(first);
            let last = first | u128::MAX.checked_shr(prefix.len().into()).unwrap_or(0);
            let ends = [first.wrapping_sub(1), first, last, last.wrapping_add(1)];
            let [before, first, last, behind] = ends.map(|address| Ipv6Addr::from(address).into());
            [before, first, within, last, behind]
        }
    }
}
