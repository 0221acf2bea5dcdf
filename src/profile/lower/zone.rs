//! One zone of `network.security.firewall-zones`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Scope;
use super::zone_limits::{idle, limit, log, service_limits};
use crate::diagnostic::FieldPath;
use crate::model::{
    AllowedService, Egress, FirewallZones, Forwarded, Interface, InterfaceRole, ReversePathMode, Zone, ZoneMember,
};
use crate::net::{AddressOrPrefix, InterfaceName, InterfacePattern, PortRange, PortSet, Prefix, ServiceName, ZoneName};
use crate::profile::written;

/// What the host itself may reach in a zone.
fn egress(written: &mut written::Zone, origin: &FieldPath) -> Option<Egress> {
    let (tcp, udp) = (
        written.allowed_egress_tcp_ports.take(),
        written.allowed_egress_udp_ports.take(),
    );
    let named = written.allowed_egress_services.take();
    let narrowed = tcp.is_some() || udp.is_some() || named.is_some();
    let ports = narrowed.then(|| Forwarded {
        tcp: ports(tcp),
        udp: ports(udp),
        services: services(named, &origin.name("allowedEgressServices")),
    });
    let prefixes = written.allowed_egress_ips.take().map(|written| {
        let field = origin.name("allowedEgressIPs");
        let prefixes = written.iter().enumerate();
        prefixes
            .map(|(index, prefix)| (prefix.prefix(), field.index(index)))
            .collect()
    });
    (prefixes.is_some() || ports.is_some()).then_some(Egress { prefixes, ports })
}

pub(super) fn reverse_path(written: written::ReversePath) -> ReversePathMode {
    match written {
        written::ReversePath::Strict => ReversePathMode::Strict,
        written::ReversePath::Loose => ReversePathMode::Loose,
        written::ReversePath::Off => ReversePathMode::Off,
    }
}

/// The interfaces that a source prefix can be bound to.
pub(super) struct Attached<'a> {
    pub(super) interfaces: &'a BTreeMap<InterfaceName, Interface>,
    pub(super) tailnet: InterfaceName,
}

impl Attached<'_> {
    /// The zone `name`; `common` is what is said of all zones.
    pub(super) fn zone(
        &self,
        scope: &mut Scope<'_>,
        name: ZoneName,
        mut written: written::Zone,
        origin: FieldPath,
        common: &FirewallZones,
    ) -> Zone {
        let limits = written.service_rate_limits.take().unwrap_or_default();
        let service_limits = service_limits(scope, limits, &origin.name("serviceRateLimits"));
        let egress = egress(&mut written, &origin);
        let (limit, log, idle) = (limit(&written, common), log(&written, common), idle(&written, common));
        let interfaces = written.interfaces.unwrap_or_default();
        let prefixes: Vec<Prefix> = written
            .allowed_ips
            .unwrap_or_default()
            .iter()
            .map(AddressOrPrefix::prefix)
            .collect();
        let mut members = Vec::new();
        let mut unbound = Vec::new();
        if prefixes.is_empty() {
            for (index, interface) in interfaces.into_iter().enumerate() {
                let origin = origin.name("interfaces").index(index);
                members.push(ZoneMember {
                    interface,
                    prefix: None,
                    origin,
                });
            }
        } else {
            for (index, prefix) in prefixes.into_iter().enumerate() {
                let origin = origin.name("allowedIPs").index(index);
                let bound = if interfaces.is_empty() {
                    self.behind(prefix)
                } else {
                    interfaces.clone()
                };
                if bound.is_empty() {
                    unbound.push((prefix, origin.clone()));
                }
                members.extend(bound.into_iter().map(|interface| ZoneMember {
                    interface,
                    prefix: Some(prefix),
                    origin: origin.clone(),
                }));
            }
        }
        let narrowed = written.forwarded_tcp_ports.is_some()
            || written.forwarded_udp_ports.is_some()
            || written.forwarded_services.is_some();
        let forwarded = narrowed.then(|| Forwarded {
            tcp: ports(written.forwarded_tcp_ports),
            udp: ports(written.forwarded_udp_ports),
            services: services(written.forwarded_services, &origin.name("forwardedServices")),
        });
        let forward_to = written.forward_to.unwrap_or_default().into_iter().enumerate();
        Zone {
            members,
            unbound,
            tcp: ports(written.allowed_tcp_ports),
            udp: ports(written.allowed_udp_ports),
            services: services(written.allowed_services, &origin.name("allowedServices")),
            forwarded,
            allow_all: written.allow_all_services.unwrap_or(false),
            deny_interzone: written.deny_interzone.unwrap_or(name.as_str() == "isolated"),
            forward_to: forward_to
                .map(|(index, zone)| (zone, origin.name("forwardTo").index(index)))
                .collect(),
            limit,
            service_limits,
            log,
            egress,
            idle,
            reverse_path: written.reverse_path.map(reverse_path),
            name,
            origin,
        }
    }

    /// The interfaces that packets from `prefix` can rightly come in by.
    fn behind(&self, prefix: Prefix) -> Vec<InterfacePattern> {
        let tailnet = prefix.overlaps_tailnet().then(|| self.tailnet.clone());
        let is_tailnet = [Prefix::TAILNET_V4, Prefix::TAILNET_V6]
            .iter()
            .any(|whole| whole.covers(&prefix));
        let attached = self.interfaces.iter().filter(|(_, interface)| {
            interface.role == InterfaceRole::Wan && !prefix.overlaps_tailnet() && !is_private(prefix)
                || interface.addresses.iter().any(|address| {
                    let link = address.prefix();
                    // A provider that uses the same shared address space is no part of the tailnet.
                    link.covers(&prefix) || link.overlaps(&prefix) && !is_tailnet
                })
        });
        let names = tailnet.into_iter().chain(attached.map(|(name, _)| name.clone()));
        let mut patterns: Vec<_> = names.map(InterfacePattern::from).collect();
        patterns.sort();
        patterns.dedup();
        patterns
    }
}

/// Whether no packet from `prefix` can rightly come from the internet (RFC 1918, RFC 4193, link-local).
fn is_private(prefix: Prefix) -> bool {
    match prefix.network() {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
    }
}

fn services(written: Option<Vec<ServiceName>>, list: &FieldPath) -> Vec<AllowedService> {
    let names = written.unwrap_or_default().into_iter().enumerate();
    names
        .map(|(index, name)| AllowedService {
            name,
            origin: list.index(index),
        })
        .collect()
}

fn ports(written: Option<Vec<PortRange>>) -> PortSet {
    let mut set = PortSet::new();
    for range in written.unwrap_or_default() {
        set.insert(range);
    }
    set
}
