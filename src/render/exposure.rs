//! `reports/exposure.txt`: who can reach what on a host, as plain text.

use askama::Template;

use crate::firewall;
use crate::firewall::exposure::{Addresses, Interfaces};
use crate::model::{
    Auth, DefaultPolicy, Exposure, Host, InterfaceRole, Listener, ManagementService, ProxiedService, Proxy,
    UpstreamAddress, Zone,
};
use crate::net::Transport;

/// The report of a host; `marker` is its first line.
pub(super) fn report(host: &Host, marker: &str) -> String {
    let exposure = firewall::exposure(host);
    let sections = [
        firewall(host, exposure.as_ref()),
        tailnet(host),
        services(host),
        internet(host),
        offered(host),
        exposure.as_ref().map(forwarded).unwrap_or_default(),
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

    fn about(&mut self, text: &str) {
        self.about.push(wrapped(text, "  "));
    }

    fn row(&mut self, text: impl AsRef<str>) {
        self.rows.push(wrapped(text.as_ref(), "    "));
    }
}

/// The width of a line, its indentation aside.
const WIDTH: usize = 100;

/// The text in lines that are not too long, all but the first with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(indent);
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

/// What the zones let in, as the rules of the table that is loaded say it.
fn firewall(host: &Host, exposure: Option<&firewall::Exposure>) -> Vec<Section> {
    let (Some(zones), Some(exposure)) = (&host.zones, exposure) else {
        let mut section = Section::new("THE FIREWALL");
        section.about(
            "has no zones: NixOS's own firewall (networking.firewall) decides, and whoever else opens ports in it.",
        );
        if let Some(row) = wireguard(host) {
            section.row(row);
        }
        return vec![section];
    };
    let mut sections = Vec::new();
    let mut everybody = Section::new("EVERYBODY");
    for reach in exposure.admitted.iter().filter(|reach| reach.zone.is_none()) {
        let everywhere = reach.source.is_everything();
        let from = if everywhere {
            String::new()
        } else {
            format!(" from {}", reach.source)
        };
        everybody.row(format!("{}{from}{}", reach.traffic, why(reach)));
    }
    sections.push(everybody);
    for zone in zones.zones.values() {
        sections.extend(self::zone(zone, exposure));
    }
    let mut rest = Section::new("WHAT IS NOT LISTED");
    rest.about(match zones.default_policy {
        DefaultPolicy::Drop => "gets no answer.",
        DefaultPolicy::Reject => "is refused, and told so.",
        DefaultPolicy::Accept => "is let in: the default policy is \"accept\".",
    });
    if zones.rate_limiting {
        rest.about(&format!(
            "New connections of one source address beyond {} (burst {}) are dropped in every zone.",
            zones.rate_limit, zones.rate_limit_burst
        ));
    }
    sections.push(rest);
    sections
}

/// A section for each way to be in the zone.
fn zone(zone: &Zone, exposure: &firewall::Exposure) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for reach in exposure
        .admitted
        .iter()
        .filter(|reach| reach.zone.as_ref() == Some(&zone.name))
    {
        let title = format!("ZONE {}: {}", zone.name, end(&reach.input, "from", &reach.source));
        let position = sections
            .iter()
            .position(|section| section.title == title)
            .unwrap_or_else(|| {
                sections.push(Section::new(title));
                sections.len() - 1
            });
        if let Some(section) = sections.get_mut(position) {
            section.row(format!("{}{}", reach.traffic, why(reach)));
        }
    }
    if sections.is_empty() {
        let members: Vec<String> = zone.members.iter().map(|member| member.interface.to_string()).collect();
        let mut section = Section::new(format!("ZONE {}: {}", zone.name, members.join(", ")));
        section.row("nothing");
        sections.push(section);
    }
    sections
}

/// An interface, and after `word` the addresses behind it where not all are meant.
fn end(interface: &Interfaces, word: &str, addresses: &Addresses) -> String {
    if addresses.is_everything() {
        interface.to_string()
    } else {
        format!("{interface} {word} {addresses}")
    }
}

/// The line of the profile that is answerable.
fn why(reach: &firewall::Reach) -> String {
    let narrowed = if reach.is_narrowed() {
        ", narrowed further by its rule"
    } else {
        ""
    };
    match reach.evidence.comment() {
        Some(why) => format!(" ({why}{narrowed})"),
        None if reach.is_narrowed() => " (narrowed further by its rule)".to_owned(),
        None => String::new(),
    }
}

/// The one port that is open to everybody.
fn wireguard(host: &Host) -> Option<String> {
    let tailscale = host.tailscale.as_ref().filter(|tailscale| tailscale.open_firewall)?;
    let port = tailscale.port?;
    Some(format!(
        "udp {port} is open to everybody: WireGuard, which answers nobody without a key of the tailnet"
    ))
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

fn offered(host: &Host) -> Vec<Section> {
    let mut section = Section::new("OFFERED TO THE TAILNET, ONCE IT IS APPROVED");
    if let Some(tailscale) = &host.tailscale {
        for route in tailscale.routes() {
            section.row(format!("{route} behind this host"));
        }
        if tailscale.exit_node {
            section.row("the internet behind this host");
        }
    }
    if section.rows.is_empty() {
        Vec::new()
    } else {
        vec![section]
    }
}

/// What passes through the host: a section for each way in, a row for each way out.
fn forwarded(exposure: &firewall::Exposure) -> Vec<Section> {
    if exposure.forwarded.is_empty() {
        let mut section = Section::new("FORWARDING");
        section.about("is not for the zones to say: whoever else filters it decides.");
        return vec![section];
    }
    let mut sections: Vec<(String, Vec<Passage>)> = Vec::new();
    for reach in &exposure.forwarded {
        let title = format!("FORWARDED: IN BY {}", end(&reach.input, "from", &reach.source));
        let position = sections
            .iter()
            .position(|(other, _)| *other == title)
            .unwrap_or_else(|| {
                sections.push((title, Vec::new()));
                sections.len() - 1
            });
        if let Some((_, passages)) = sections.get_mut(position) {
            let passage = Passage::of(reach);
            match passages.iter_mut().find(|other| other.differs_in_destination(&passage)) {
                Some(other) => other.destination = other.destination.or(&passage.destination),
                None => passages.push(passage),
            }
        }
    }
    sections
        .into_iter()
        .map(|(title, passages)| rows(title, &passages))
        .collect()
}

/// A row for each destination.
fn rows(title: String, passages: &[Passage]) -> Section {
    let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
    for passage in passages {
        let to = end(&passage.output, "to", &passage.destination);
        match rows.iter_mut().find(|(other, _)| *other == to) {
            Some((_, traffic)) => traffic.push(&passage.traffic),
            None => rows.push((to, vec![&passage.traffic])),
        }
    }
    let mut section = Section::new(title);
    for (to, traffic) in rows {
        section.row(format!("out by {to}: {}", traffic.join("; ")));
    }
    section
}

/// Where packets of one way in go, and which.
struct Passage {
    output: Interfaces,
    destination: Addresses,
    traffic: String,
}

impl Passage {
    fn of(reach: &firewall::Reach) -> Self {
        Self {
            output: reach.output.clone(),
            destination: reach.destination.clone(),
            traffic: format!("{}{}", reach.traffic, why(reach)),
        }
    }

    fn differs_in_destination(&self, other: &Self) -> bool {
        self.output == other.output && self.traffic == other.traffic
    }
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
            "ports that Docker publishes: they are forwarded to a bridge, so that what the zones say of the host's own \
             ports does not hold for them",
        );
    }
    vec![section]
}

#[cfg(test)]
mod tests;
