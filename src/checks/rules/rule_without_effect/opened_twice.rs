//! Ports that two lines of a zone open.

use super::finding;
use crate::diagnostic::{Code, Finding};
use crate::model::{AllowedService, Host, Zone, known_service};
use crate::net::{PortRange, PortSet, Transport};

/// The ports that services stand for.
type Meant<'a> = Vec<(&'a AllowedService, Vec<(Transport, PortRange)>)>;

/// Ports of the zone's lists that its services stand for, and services that others of them stand for.
pub(super) fn opened_twice(host: &Host, zone: &Zone) -> Vec<Finding> {
    let mut found = Vec::new();
    // Beside `allowAllServices` all of them open nothing, which is another finding.
    if !zone.allow_all {
        let meant = meant(&zone.services, |service| host.resolve_service(&service.name));
        found.extend(in_lists(zone, "allowed", &zone.tcp, &zone.udp, &meant));
    }
    // These are offered by other hosts.
    let known = |service: &AllowedService| {
        let known = known_service::known(service.name.as_str());
        known.map(known_service::KnownService::ports)
    };
    if let Some(forwarded) = &zone.forwarded {
        let meant = meant(&forwarded.services, known);
        found.extend(in_lists(zone, "forwarded", &forwarded.tcp, &forwarded.udp, &meant));
    }
    if let Some(reach) = zone.egress.as_ref().and_then(|egress| egress.ports.as_ref()) {
        let meant = meant(&reach.services, known);
        found.extend(in_lists(zone, "allowedEgress", &reach.tcp, &reach.udp, &meant));
    }
    found
}

fn meant(
    services: &[AllowedService],
    ports: impl Fn(&AllowedService) -> Option<Vec<(Transport, PortRange)>>,
) -> Meant<'_> {
    // A name that nobody knows is another finding.
    services
        .iter()
        .filter_map(|service| Some((service, ports(service)?)))
        .collect()
}

/// The same of one direction, whose options begin with `word`.
fn in_lists(zone: &Zone, word: &str, tcp: &PortSet, udp: &PortSet, meant: &Meant<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, (service, ports)) in meant.iter().enumerate() {
        let before = meant.iter().take(place);
        let all_in = |other: &[(Transport, PortRange)]| {
            let is_in = |(transport, range): &(Transport, PortRange)| {
                other
                    .iter()
                    .any(|(kind, around)| kind == transport && common(*around, *range) == Some(*range))
            };
            ports.iter().all(is_in)
        };
        if let Some((other, _)) = before.into_iter().find(|(_, other)| all_in(other)) {
            let message = format!(
                "{} opens nothing in zone {}: {} stands for the same ports",
                service.name, zone.name, other.name
            );
            found.push(finding(
                service.origin.clone(),
                message,
                other.origin.clone(),
                "opened by this",
            ));
            continue;
        }
        for (transport, list, name) in [(Transport::Tcp, tcp, "TCPPorts"), (Transport::Udp, udp, "UDPPorts")] {
            let here = ports.iter().filter(|(kind, _)| *kind == transport);
            let twice: Vec<String> = here
                .flat_map(|(_, range)| list.ranges().iter().filter_map(|listed| common(*listed, *range)))
                .map(|range| range.to_string())
                .collect();
            if !twice.is_empty() {
                let (option, twice) = (format!("{word}{name}"), twice.join(", "));
                let message = format!(
                    "{option} of zone {} opens {transport} {twice}, which {} opens already",
                    zone.name, service.name
                );
                let found_here = Finding::new(Code::RuleWithoutEffect, zone.field(&option), message)
                    .with(service.origin.clone(), "opened by this")
                    .help(format!(
                        "leave {twice} out of the list, or {} out of the services",
                        service.name
                    ));
                found.push(found_here);
            }
        }
    }
    found
}

/// What two ranges have in common.
fn common(one: PortRange, other: PortRange) -> Option<PortRange> {
    PortRange::new(one.first().max(other.first()), one.last().min(other.last()))
}
