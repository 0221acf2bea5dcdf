//! `reports/exposure.txt`: who can reach what on a host, as plain text.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use crate::model::{
    Auth, DefaultPolicy, Exposure, Host, InterfaceRole, Listener, ManagementService, ProxiedService, Proxy,
    UpstreamAddress, Zone, known_service,
};
use crate::net::{Port, PortRange, Transport};

/// The report of a host; `marker` is its first line.
pub(super) fn report(host: &Host, marker: &str) -> String {
    let sections = [
        firewall(host),
        tailnet(host),
        services(host),
        internet(host),
        through(host),
        operator(host),
        beyond(host),
    ];
    let report = Report {
        marker,
        host: host.name.as_str(),
        sections: sections.into_iter().flatten().collect(),
    };
    // A template of text into a string: there is nothing that could fail.
    report.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "exposure.txt.j2", escape = "none")]
struct Report<'a> {
    marker: &'a str,
    host: &'a str,
    sections: Vec<Section>,
}

/// A title, what is to be said below it, and a list.
#[derive(Default)]
struct Section {
    title: String,
    about: Vec<String>,
    rows: Vec<String>,
}

impl Section {
    fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    fn about(&mut self, line: impl Into<String>) {
        self.about.push(line.into());
    }

    fn row(&mut self, row: impl Into<String>) {
        self.rows.push(row.into());
    }
}

fn firewall(host: &Host) -> Vec<Section> {
    let Some(zones) = &host.zones else {
        let mut section = Section::new("THE FIREWALL");
        section.about(
            "has no zones: NixOS's own firewall (networking.firewall) decides, and whoever else opens ports in it.",
        );
        section.rows.extend(wireguard(host));
        return vec![section];
    };
    let mut sections: Vec<Section> = zones.zones.values().map(|zone| self::zone(host, zone)).collect();
    let mut rest = Section::new("EVERYBODY ELSE");
    rest.about(match zones.default_policy {
        DefaultPolicy::Drop => "gets no answer.",
        DefaultPolicy::Reject => "is refused, and told so.",
        DefaultPolicy::Accept => "is let in: the default policy is \"accept\".",
    });
    if zones.rate_limiting {
        rest.about(format!(
            "New connections of one source address beyond {} (burst {}) are dropped in every zone.",
            zones.rate_limit, zones.rate_limit_burst
        ));
    }
    rest.rows.extend(wireguard(host));
    sections.push(rest);
    sections
}

/// The one port that is open to everybody.
fn wireguard(host: &Host) -> Option<String> {
    let tailscale = host.tailscale.as_ref().filter(|tailscale| tailscale.open_firewall)?;
    let port = tailscale.port?;
    Some(format!(
        "udp {port} is open to everybody: WireGuard, which answers nobody without a key of the tailnet"
    ))
}

fn zone(host: &Host, zone: &Zone) -> Section {
    let mut section = Section::new(format!("ZONE {}", zone.name));
    if zone.members.is_empty() {
        section.about("matches nobody.");
    }
    for member in &zone.members {
        let from = member
            .prefix
            .map(|prefix| format!(" from {prefix}"))
            .unwrap_or_default();
        section.about(format!("whoever comes in by {}{from} reaches:", member.interface));
    }
    if zone.allow_all {
        section.row("every port and protocol");
    }
    for (ports, names) in admitted(host, zone) {
        section.row(match names.join(", ") {
            names if names.is_empty() => ports,
            names => format!("{ports} ({names})"),
        });
    }
    if section.rows.is_empty() {
        section.row("nothing");
    }
    section
}

/// The ports that a zone admits, each with what the profile calls it, or else what it is usually for.
fn admitted(host: &Host, zone: &Zone) -> Vec<(String, Vec<String>)> {
    let mut ports: BTreeMap<(Transport, PortRange), Vec<String>> = BTreeMap::new();
    for service in &zone.services {
        for port in host.resolve_service(&service.name).unwrap_or_default() {
            ports.entry(port).or_default().push(service.name.to_string());
        }
    }
    for (transport, set) in [(Transport::Tcp, &zone.tcp), (Transport::Udp, &zone.udp)] {
        for range in set.ranges() {
            ports
                .entry((transport, *range))
                .or_insert_with(|| range.single().map(|port| usual(transport, port)).unwrap_or_default());
        }
    }
    let text = |((transport, range), names)| (format!("{transport} {range}"), names);
    ports.into_iter().map(text).collect()
}

/// What a port is usually for.
fn usual(transport: Transport, port: Port) -> Vec<String> {
    let names: Vec<&str> = known_service::by_port(transport, port)
        .map(|service| service.name)
        .collect();
    if names.is_empty() {
        Vec::new()
    } else {
        vec![format!("usually {}", names.join(", "))]
    }
}

fn tailnet(host: &Host) -> Vec<Section> {
    let Some(tailscale) = &host.tailscale else {
        return Vec::new();
    };
    let mut section = Section::new("THE TAILNET, PAST THE FIREWALL");
    section.about(
        "tailscaled answers these itself, before any rule of the host; only the tailnet's policy stands before them.",
    );
    if tailscale.shields_up {
        section.row("nothing: its shields are up, and it refuses every connection from the tailnet");
    } else {
        if tailscale.ssh {
            section.row("tcp 22 of the tailnet addresses: Tailscale SSH, whatever sshd is set to");
        }
        for service in host.proxy.iter().flat_map(|proxy| proxy.services.values()) {
            if service.exposure == Exposure::TailscaleService {
                section.row(format!("svc:{} (service {})", service.label(), service.name));
            }
        }
    }
    if section.rows.is_empty() {
        Vec::new()
    } else {
        vec![section]
    }
}

fn services(host: &Host) -> Vec<Section> {
    let Some(proxy) = &host.proxy else { return Vec::new() };
    proxy
        .services
        .values()
        .map(|service| self::service(host, proxy, service))
        .collect()
}

fn service(host: &Host, proxy: &Proxy, service: &ProxiedService) -> Section {
    let mut section = Section::new(format!("SERVICE {}", service.name));
    section.row(format!("at {}", proxy.address_of(service)));
    let upstream = match &service.upstream.address {
        UpstreamAddress::Tcp(host, port) => format!("{}:{port}", host.in_url()),
        UpstreamAddress::Unix(path) => format!("unix:{path}"),
    };
    section.row(format!("goes to {}://{upstream}", service.upstream.protocol.as_str()));
    section.row(format!("reached by {}", reached_by(host, proxy.listener_of(service))));
    section.row(match &service.auth {
        Auth::None => "asks nobody who he is".to_owned(),
        Auth::Tailscale { .. } => "asks tailscaled who the caller is, and lets in whom it knows".to_owned(),
        Auth::Basic(_) => "asks for a name and a password".to_owned(),
    });
    if let Some(limit) = &service.rate_limit {
        section.row(format!(
            "takes {limit} of one address, {} more at once",
            service.rate_limit_burst
        ));
    }
    section
}

/// Which zones the listener is open to.
fn reached_by(host: &Host, listener: Listener) -> String {
    let Listener::Port(port) = listener else {
        return "tailscaled alone, for the tailnet".to_owned();
    };
    let Some(zones) = &host.zones else {
        return format!("whoever NixOS's own firewall lets through to tcp {port}");
    };
    if zones.default_policy == DefaultPolicy::Accept {
        return "everybody: the default policy is \"accept\"".to_owned();
    }
    let names: Vec<&str> = zones
        .zones
        .values()
        .filter(|zone| !zone.members.is_empty() && host.zone_admits(zone, Transport::Tcp, port))
        .map(|zone| zone.name.as_str())
        .collect();
    match names.as_slice() {
        [] => format!("nobody: no zone admits tcp {port}"),
        [one] => format!("zone {one}"),
        many => format!("zones {}", many.join(", ")),
    }
}

fn internet(host: &Host) -> Vec<Section> {
    let mut section = Section::new("THE PUBLIC INTERNET, BY FUNNEL");
    for service in host.proxy.iter().flat_map(|proxy| proxy.services.values()) {
        if let (Some(port), Some(proxy)) = (service.funnel, &host.proxy) {
            section.row(format!(
                "https://{}:{port}/ (service {})",
                proxy.node_name(),
                service.name
            ));
        }
    }
    if section.rows.is_empty() {
        Vec::new()
    } else {
        vec![section]
    }
}

fn through(host: &Host) -> Vec<Section> {
    let mut section = Section::new("OTHER NETWORKS, THROUGH THIS HOST");
    if let Some(tailscale) = &host.tailscale {
        for route in tailscale.routes() {
            section.row(format!("{route}: for the tailnet, once the route is approved"));
        }
        if tailscale.exit_node {
            section.row("the internet: for the tailnet, once the exit node is approved");
        }
    }
    if let Some(zones) = &host.zones {
        for zone in zones.zones.values() {
            for (other, _) in &zone.forward_to {
                let ports = zones.zones.get(other).map(forwarded).unwrap_or_default();
                section.row(format!("from zone {} to zone {other}: {ports}", zone.name));
            }
        }
    }
    if section.rows.is_empty() {
        Vec::new()
    } else {
        vec![section]
    }
}

/// What connections that are forwarded into a zone may reach there.
fn forwarded(zone: &Zone) -> String {
    let Some(forwarded) = &zone.forwarded else {
        return "every port".to_owned();
    };
    let mut ports: BTreeSet<(Transport, PortRange)> = BTreeSet::new();
    for (transport, set) in [(Transport::Tcp, &forwarded.tcp), (Transport::Udp, &forwarded.udp)] {
        ports.extend(set.ranges().iter().map(|range| (transport, *range)));
    }
    for service in &forwarded.services {
        let known = known_service::known(service.name.as_str());
        let endpoints = known.map(|service| service.endpoints).unwrap_or_default();
        ports.extend(
            endpoints
                .iter()
                .map(|endpoint| (endpoint.transport(), endpoint.port.into())),
        );
    }
    let ports: Vec<String> = ports
        .iter()
        .map(|(transport, range)| format!("{transport} {range}"))
        .collect();
    if ports.is_empty() {
        return "no port".to_owned();
    }
    ports.join(", ")
}

fn operator(host: &Host) -> Vec<Section> {
    let mut section = Section::new("THE OPERATOR");
    for path in &host.management {
        let service = match &path.service {
            ManagementService::Named(name) => name.to_string(),
            ManagementService::Port(transport, port) => format!("{transport} {port}"),
        };
        let from = path.from.map(|prefix| format!(" from {prefix}")).unwrap_or_default();
        section.row(format!("comes in by {}{from} and speaks to {service}", path.via));
    }
    if section.rows.is_empty() {
        section.about("names no way of his own (host.management), so none is watched over.");
    }
    vec![section]
}

fn beyond(host: &Host) -> Vec<Section> {
    let mut section = Section::new("WHAT THIS REPORT DOES NOT SEE");
    if host.tailscale.is_some() {
        section.row("the tailnet's policy, which decides whose packets reach this host at all");
    }
    section.row("which programs listen: an open port without one answers nobody");
    if host.interfaces_as(InterfaceRole::Bridge).next().is_some() {
        section.row(
            "ports that Docker publishes: they are forwarded to a bridge, so that what the zones say of the host's own\n    \
             ports does not hold for them",
        );
    }
    vec![section]
}

#[cfg(test)]
mod tests;
