//! `network.security.firewall-zones`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Scope, tailscale::DEFAULT_INTERFACE};
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{
    AllowedService, DefaultPolicy, FirewallZones, Forwarded, Interface, InterfaceRole, Proxy, Tailscale, Zone,
    ZoneMember,
};
use crate::net::{
    AddressOrPrefix, InterfaceName, InterfacePattern, LogPrefix, PacketRate, PortRange, PortSet, Prefix, ServiceName,
    ZoneName,
};
use crate::profile::written;

const GROUP: &str = "network.security.firewall-zones";

/// What log lines begin with unless the profile says otherwise.
const DEFAULT_LOG_PREFIX: &str = "tailwright: ";
/// New connections per source address; a browser opens a few dozen at once.
const DEFAULT_RATE: &str = "50/second";
/// New connections above the rate.
const DEFAULT_BURST: u32 = 100;
/// The guide's zone for the tailnet, used where no zone is written.
const DEFAULT_ZONE: &str = "internal";

pub(super) fn zones(
    scope: &mut Scope<'_>,
    written: Option<written::FirewallZones>,
    interfaces: &BTreeMap<InterfaceName, Interface>,
    tailscale: Option<&Tailscale>,
    proxy: Option<&Proxy>,
) -> Option<FirewallZones> {
    let was_written = written.is_some();
    let group = written.unwrap_or_default();
    if !scope.enabled(group.enable, was_written, GROUP) {
        return None;
    }
    let at = scope.field(GROUP);
    let tailnet = match tailscale {
        Some(tailscale) => tailscale.interface.clone(),
        None => scope.accept(DEFAULT_INTERFACE.parse(), &at)?,
    };
    let network = Attached { interfaces, tailnet };
    let mut zones = BTreeMap::new();
    for (name, zone) in group.zones.unwrap_or_default() {
        if zone.enable == Some(false) {
            continue;
        }
        let origin = at.name("zones").name(name.to_string());
        zones.insert(name.clone(), network.zone(name, zone, origin));
    }
    if zones.is_empty() {
        let zone = default_zone(scope, &network, proxy, &at)?;
        zones.insert(zone.name.clone(), zone);
    }
    let log_prefix: Option<LogPrefix> = match group.log_prefix {
        Some(prefix) => Some(prefix),
        None => scope.accept(DEFAULT_LOG_PREFIX.parse(), &at),
    };
    let rate_limit: Option<PacketRate> = match group.rate_limit {
        Some(rate) => Some(rate),
        None => scope.accept(DEFAULT_RATE.parse(), &at),
    };
    Some(FirewallZones {
        default_policy: match group.default_policy {
            None | Some(written::Policy::Drop) => DefaultPolicy::Drop,
            Some(written::Policy::Reject) => DefaultPolicy::Reject,
            Some(written::Policy::Accept) => DefaultPolicy::Accept,
        },
        logging: group.enable_logging.unwrap_or(false),
        log_prefix: log_prefix?,
        rate_limiting: group.enable_rate_limiting.unwrap_or(true),
        rate_limit: rate_limit?,
        rate_limit_burst: group.rate_limit_burst.unwrap_or(DEFAULT_BURST),
        zones,
    })
}

/// A firewall without zones would let nobody in; the guide's own Step 3 writes none and means its `internal` zone.
fn default_zone(scope: &mut Scope<'_>, network: &Attached<'_>, proxy: Option<&Proxy>, at: &FieldPath) -> Option<Zone> {
    let message = format!(
        "no zone is written, so nobody could come in; the guide's zone {DEFAULT_ZONE:?} is used: ssh and the proxied services from {}",
        network.tailnet
    );
    let finding = Finding::new(Code::DefaultZone, at.clone(), message);
    scope.add(finding.help(format!(
        "write the zone: zones.{DEFAULT_ZONE} = {{ interfaces = [ \"{}\" ]; allowedServices = [ \"ssh\" ]; }};",
        network.tailnet
    )));
    let ssh: ServiceName = scope.accept("ssh".parse(), at)?;
    let names = std::iter::once(ssh).chain(proxy.into_iter().flat_map(|proxy| proxy.services.keys().cloned()));
    let name: ZoneName = scope.accept(DEFAULT_ZONE.parse(), at)?;
    let origin = at.clone();
    Some(Zone {
        name,
        members: vec![ZoneMember {
            interface: InterfacePattern::from(network.tailnet.clone()),
            prefix: None,
            origin: origin.clone(),
        }],
        unbound: Vec::new(),
        tcp: PortSet::default(),
        udp: PortSet::default(),
        services: names
            .map(|name| AllowedService {
                name,
                origin: origin.clone(),
            })
            .collect(),
        allow_all: false,
        forwarded: None,
        deny_interzone: false,
        forward_to: Vec::new(),
        origin,
    })
}

/// The interfaces that a source prefix can be bound to.
struct Attached<'a> {
    interfaces: &'a BTreeMap<InterfaceName, Interface>,
    tailnet: InterfaceName,
}

impl Attached<'_> {
    fn zone(&self, name: ZoneName, written: written::Zone, origin: FieldPath) -> Zone {
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
