//! A line of a zone changes nothing.
//!
//! ## Why
//!
//! It looks like a switch and is none: what it says is so already, or cannot come to pass. Whoever takes it away later
//! to close something closes nothing. Found are ports and services beside `allowAllServices`, addresses within others of
//! the same zone, addresses that other zones have all among them, ports that a service of the zone stands for, services
//! that stand for the same ports, limits for services that the zone does not let in, limits
//! no stricter than the one around them, `forwarded…` ports of a zone that refuses every exchange, ports of
//! `allowedEgress…` that are always open, `logPrefix`, `logRateLimit` and `rateLimit` beside a switch that is off, and
//! `reversePath` on the tailnet interface, where tailscaled checks the sources.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.enp3s0.prefixes = [ "10.20.0.1/16" ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.admin = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.0.0/24" "10.20.0.5" ];
//!       allowAllServices = true;
//!       allowedTCPPorts = [ 443 ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.enp3s0.prefixes = [ "10.20.0.1/16" ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.admin = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.0.0/24" ];
//!       allowAllServices = true;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `network.security.firewall-zones.zones`
mod opened_twice;
mod switched_off;

use opened_twice::opened_twice;

use crate::checks::context::Context;
use crate::diagnostic::{Code, FieldPath, Finding, Findings};
use crate::firewall::exposure::Addresses;
use crate::firewall::ruleset::AddressRange;
use crate::model::{FirewallZones, Host, RateLimit, Zone, ZoneLimit, ZoneMember};
use crate::net::{PortRange, PortSet, Transport};

/// Ports by which the host reaches others whatever a zone says: DNS, and NTP.
const ALWAYS_TCP: [u16; 1] = [53];
/// See [`ALWAYS_TCP`].
const ALWAYS_UDP: [u16; 2] = [53, 123];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(zones) = &host.zones else { return };
    for finding in switched_off::of_all(host, zones) {
        findings.add(finding);
    }
    for zone in zones.zones.values() {
        let found = beside_everything(zone)
            .into_iter()
            .chain(within_others(zones, zone))
            .chain(taken_by_others(zones, zone))
            .chain(forwarded_into_closed(zone))
            .chain(egress(zone))
            .chain(limits(host, zones, zone))
            .chain(way_back(host, zone))
            .chain(opened_twice(host, zone))
            .chain(switched_off::of_zone(zone));
        for finding in found {
            findings.add(finding);
        }
    }
}

fn finding(field: FieldPath, message: String, by: FieldPath, label: &str) -> Finding {
    Finding::new(Code::RuleWithoutEffect, field, message)
        .with(by, label)
        .help("leave it out")
}

/// Ports and services of a zone that admits everything.
fn beside_everything(zone: &Zone) -> Vec<Finding> {
    if !zone.allow_all {
        return Vec::new();
    }
    let lists = [
        ("allowedTCPPorts", !zone.tcp.ranges().is_empty()),
        ("allowedUDPPorts", !zone.udp.ranges().is_empty()),
        ("allowedServices", !zone.services.is_empty()),
    ];
    let written = lists.iter().filter(|(_, written)| *written);
    written
        .map(|(name, _)| {
            let message = format!(
                "{name} of zone {} opens nothing: the zone lets everything in",
                zone.name
            );
            finding(zone.field(name), message, zone.field("allowAllServices"), "by this")
        })
        .collect()
}

/// Addresses that lie within others of the zone on the same interface, with no other zone between.
fn within_others(zones: &FirewallZones, zone: &Zone) -> Vec<Finding> {
    let all = || {
        zones
            .zones
            .values()
            .flat_map(|other| other.members.iter().map(move |member| (other, member)))
    };
    let mut found = Vec::new();
    for (index, inner) in zone.members.iter().enumerate() {
        let Some(prefix) = inner.prefix else { continue };
        let is_around = |(_, outer): &(&Zone, &ZoneMember)| {
            let before = zone.members.iter().take(index).any(|before| before == *outer);
            let covers = outer
                .prefix
                .is_some_and(|outer| outer.covers(&prefix) && (outer != prefix || before));
            outer.interface == inner.interface && outer.origin != inner.origin && covers
        };
        let nearest = all()
            .filter(is_around)
            .max_by_key(|(_, outer)| outer.prefix.map(|prefix| prefix.len()));
        if let Some((other, outer)) = nearest
            && let Some(around) = outer.prefix.filter(|_| other.name == zone.name)
        {
            let message = format!("{prefix} is in zone {} already: it lies in {around}", zone.name);
            found.push(finding(
                inner.origin.clone(),
                message,
                outer.origin.clone(),
                "within this",
            ));
        }
    }
    // Once for an address, on however many interfaces it counts.
    found.dedup();
    found
}

/// Addresses of which longer prefixes of other zones on the same interface leave nothing.
fn taken_by_others(zones: &FirewallZones, zone: &Zone) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in &zone.members {
        let Some(prefix) = member.prefix else { continue };
        let others = zones.zones.values().filter(|other| other.name != zone.name);
        let others = others.flat_map(|other| &other.members);
        let inside = others
            .filter(|other| other.interface == member.interface)
            .filter_map(|other| {
                let inner = other.prefix.filter(|inner| *inner != prefix && prefix.covers(inner))?;
                Some((AddressRange::from(inner), &other.origin))
            });
        let inside: Vec<_> = inside.collect();
        let taken = Addresses::of_all(inside.iter().map(|(range, _)| *range));
        if let Some((_, first)) = inside.first()
            && Addresses::from(AddressRange::from(prefix)).without(&taken).is_empty()
        {
            let message = format!(
                "nobody in {prefix} is in zone {}: longer prefixes of other zones have them all",
                zone.name
            );
            found.push(finding(
                member.origin.clone(),
                message,
                (*first).clone(),
                "the first of them",
            ));
        }
    }
    found.dedup();
    found
}

/// What may be reached in a zone that nobody outside it reaches.
fn forwarded_into_closed(zone: &Zone) -> Option<Finding> {
    let forwarded = zone.forwarded.as_ref().filter(|_| zone.deny_interzone)?;
    let lists = [
        ("forwardedTCPPorts", !forwarded.tcp.ranges().is_empty()),
        ("forwardedUDPPorts", !forwarded.udp.ranges().is_empty()),
        ("forwardedServices", !forwarded.services.is_empty()),
    ];
    let (name, _) = lists.into_iter().find(|(_, written)| *written)?;
    let message = format!(
        "{name} lets nothing into zone {}, which refuses every exchange",
        zone.name
    );
    Some(finding(
        zone.field(name),
        message,
        zone.field("denyInterzone"),
        "refused by this",
    ))
}

/// What the host may reach anyway, or by another line.
fn egress(zone: &Zone) -> Vec<Finding> {
    let Some(egress) = &zone.egress else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let prefixes = egress.prefixes.as_deref().unwrap_or_default();
    for (index, (prefix, field)) in prefixes.iter().enumerate() {
        let around = prefixes
            .iter()
            .enumerate()
            .find(|(other, (outer, _))| outer.covers(prefix) && (outer != prefix || *other < index));
        if let Some((_, (outer, by))) = around {
            let message = format!("{prefix} may be reached already: it lies in {outer}");
            found.push(finding(field.clone(), message, by.clone(), "within this"));
        }
    }
    let Some(ports) = &egress.ports else { return found };
    let only = |set: &PortSet, always: &[u16]| {
        let single = |range: &PortRange| range.single().is_some_and(|port| always.contains(&port.get()));
        !set.ranges().is_empty() && set.ranges().iter().all(single)
    };
    // A list that is all there is still closes everything else.
    let lists = [
        ("allowedEgressTCPPorts", &ports.tcp, &ALWAYS_TCP[..]),
        ("allowedEgressUDPPorts", &ports.udp, &ALWAYS_UDP[..]),
    ];
    let written = lists.iter().filter(|(_, set, _)| !set.ranges().is_empty()).count();
    if written + usize::from(!ports.services.is_empty()) < 2 {
        return found;
    }
    for (name, set, always) in lists {
        if only(set, always) {
            let message = format!("{name} of zone {} opens nothing: DNS and NTP always go out", zone.name);
            let found_here = Finding::new(Code::RuleWithoutEffect, zone.field(name), message);
            found.push(found_here.help("leave it out"));
        }
    }
    found
}

/// Limits for services that are not let in, or that another limit around them makes idle.
fn limits(host: &Host, zones: &FirewallZones, zone: &Zone) -> Vec<Finding> {
    let mut found = Vec::new();
    let around = match zone.limit {
        ZoneLimit::Off => None,
        ZoneLimit::Own(limit) => Some((limit, zone.field("rateLimit"))),
        ZoneLimit::Common => zones.rate_limiting.then(|| {
            let limit = RateLimit {
                rate: zones.rate_limit,
                burst: zones.rate_limit_burst,
            };
            (limit, host.field("network.security.firewall-zones.rateLimit"))
        }),
    };
    for limit in &zone.service_limits {
        let name = &limit.service.name;
        // A name that nobody knows is another finding.
        let Some(ports) = host.resolve_service(name) else {
            continue;
        };
        let is_open = |(transport, range): &(Transport, PortRange)| {
            host.zone_admits(zone, *transport, range.first()) || host.zone_admits(zone, *transport, range.last())
        };
        if !ports.iter().any(is_open) {
            let message = format!(
                "zone {} does not let {name} in, so there is nothing to limit",
                zone.name
            );
            let found_here = Finding::new(Code::RuleWithoutEffect, limit.service.origin.clone(), message);
            found.push(found_here.help(format!("add {:?} to `allowedServices`, or leave it out", name.as_str())));
        } else if let Some((wide, field)) = &around
            && limit.limit.rate >= wide.rate
            && limit.limit.burst >= wide.burst
        {
            let message = format!(
                "{} (burst {}) to {name} is never reached: the limit around it is stricter",
                limit.limit.rate, limit.limit.burst
            );
            found.push(finding(
                limit.service.origin.clone(),
                message,
                field.clone(),
                "the limit around it",
            ));
        }
    }
    found
}

/// What is asked of the way back on the tailnet interface alone.
fn way_back(host: &Host, zone: &Zone) -> Option<Finding> {
    let tailnet = host.tailnet_interface()?;
    let mut members = zone.members.iter();
    let in_tunnel = !zone.members.is_empty() && members.all(|member| member.interface.exact() == Some(tailnet));
    let message = format!("tailscaled checks the sources that come by {tailnet}; nothing else is asked of them");
    (zone.reverse_path.is_some() && in_tunnel).then(|| {
        let finding = Finding::new(Code::RuleWithoutEffect, zone.field("reversePath"), message);
        finding.help("leave it out")
    })
}
