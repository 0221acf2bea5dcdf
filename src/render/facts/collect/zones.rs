//! The zones of the firewall.

use crate::model::{
    AllowedService, Host, RateLimit, Zone, ZoneLimit, ZoneLog,
    known_service::{self, KnownService},
};
use crate::net::{PortRange, PortSet, ServiceName, Transport};
use crate::render::facts::Facts;

pub(super) fn collect(host: &Host, facts: &mut Facts) {
    let Some(zones) = &host.zones else { return };
    facts.state("firewall", "has zones");
    facts.value("default policy", zones.default_policy.as_str());
    if zones.logging {
        facts.value(
            "log prefix of refused packets",
            &format!("{:?}", zones.log_prefix.to_string()),
        );
        let RateLimit { rate, burst } = zones.log_limit;
        facts.value("log lines of refused packets", &format!("{rate} burst {burst}"));
    }
    if zones.rate_limiting {
        facts.value(
            "limit of new connections per source",
            &format!("{} burst {}", zones.rate_limit, zones.rate_limit_burst),
        );
    }
    if zones.accounting {
        facts.state("packets of known connections", "are counted by zone and service");
    }
    for interface in &zones.flowtable {
        facts.state(
            format!("connections through {interface}"),
            "go past the rules once they are established",
        );
    }
    if let Some(mode) = zones.reverse_path {
        facts.value("way back to sources", mode.as_str());
    }
    if let Some(blocks) = zones.block_bogons {
        facts.state(
            "sources that are not on the internet",
            if blocks { "are dropped" } else { "may come by a WAN" },
        );
    }
    for zone in zones.zones.values() {
        self::zone(host, zone, facts);
    }
}

fn zone(host: &Host, zone: &Zone, facts: &mut Facts) {
    let subject = format!("zone {}", zone.name);
    for member in &zone.members {
        let from = member
            .prefix
            .map(|prefix| format!(" from {prefix}"))
            .unwrap_or_default();
        facts.state(&subject, format!("includes {}{from}", member.interface));
    }
    if zone.allow_all {
        facts.state(&subject, "admits everything");
    }
    let own = |name: &ServiceName| host.resolve_service(name);
    admits(&subject, "admits", &zone.tcp, &zone.udp, &zone.services, own, facts);
    if let Some(forwarded) = &zone.forwarded {
        // They are offered by the hosts behind the zone, so that this host's proxy has no say.
        let usual = |name: &ServiceName| {
            let endpoints = known_service::known(name.as_str())?.endpoints.iter();
            Some(
                endpoints
                    .map(|endpoint| (endpoint.transport(), endpoint.port.into()))
                    .collect(),
            )
        };
        let said = "takes forwarded";
        admits(
            &subject,
            said,
            &forwarded.tcp,
            &forwarded.udp,
            &forwarded.services,
            usual,
            facts,
        );
    }
    for (other, _) in &zone.forward_to {
        facts.state(&subject, format!("forwards to zone {other}"));
    }
    if zone.deny_interzone {
        facts.state(&subject, "is kept apart from the other zones");
    }
    zone_limits(zone, &subject, facts);
}

fn zone_limits(zone: &Zone, subject: &str, facts: &mut Facts) {
    let limited = |limit: RateLimit| format!("{} burst {}", limit.rate, limit.burst);
    match zone.limit {
        ZoneLimit::Common => {}
        ZoneLimit::Off => facts.state(subject, "has no limit of new connections"),
        ZoneLimit::Own(limit) => facts.value(format!("limit of new connections from {subject}"), &limited(limit)),
    }
    for limit in &zone.service_limits {
        let name = &limit.service.name;
        facts.value(
            format!("limit of new connections from {subject} to {name}"),
            &limited(limit.limit),
        );
    }
    if let Some(egress) = &zone.egress {
        let addresses = egress.prefixes.as_ref().map(|prefixes| {
            let prefixes: Vec<String> = prefixes.iter().map(|(prefix, _)| prefix.to_string()).collect();
            prefixes.join(", ")
        });
        facts.value(
            format!("addresses that the host may reach in {subject}"),
            addresses.as_deref().unwrap_or("all"),
        );
        match &egress.ports {
            None => facts.state(subject, "may be reached by the host on all ports"),
            Some(ports) => {
                let usual = |name: &ServiceName| known_service::known(name.as_str()).map(KnownService::ports);
                let said = "may be reached by the host on";
                admits(subject, said, &ports.tcp, &ports.udp, &ports.services, usual, facts);
            }
        }
    }
    if let Some(mode) = zone.reverse_path {
        facts.value(format!("way back to sources in {subject}"), mode.as_str());
    }
    match &zone.log {
        ZoneLog::Common => {}
        ZoneLog::Off => facts.state(subject, "is refused without a line in the log"),
        ZoneLog::Own { prefix, limit } => {
            facts.value(format!("log prefix of {subject}"), &format!("{:?}", prefix.to_string()));
            facts.value(format!("log lines of {subject}"), &limited(*limit));
        }
    }
}

fn admits(
    subject: &str,
    verb: &str,
    tcp: &PortSet,
    udp: &PortSet,
    services: &[AllowedService],
    resolve: impl Fn(&ServiceName) -> Option<Vec<(Transport, PortRange)>>,
    facts: &mut Facts,
) {
    for (transport, ports) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
        for range in ports.ranges() {
            facts.state(subject, format!("{verb} {transport} {range}"));
        }
    }
    for service in services {
        match resolve(&service.name) {
            Some(ports) => {
                for (transport, range) in ports {
                    facts.state(subject, format!("{verb} {transport} {range}"));
                }
            }
            None => facts.state(subject, format!("{verb} {}", service.name)),
        }
    }
}
