//! `network.monitoring.tailscale.probes`.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use super::monitoring::GROUP;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{EgressProbes, LanService, PingKind, ProbeTarget, Probed, Probes};
use crate::net::{Percent, ServiceName, TimeSpan};
use crate::profile::written;

/// What the monitor calls its own measurements.
const OWN_NAMES: [&str; 5] = ["links", "gateway", "internet", "resolver", "egress"];

/// What a target is like where it says nothing else: what the monitor is like.
pub(super) struct Usual {
    pub(super) interval: TimeSpan,
    pub(super) timeout: TimeSpan,
    pub(super) max_latency: TimeSpan,
    pub(super) max_packet_loss: Percent,
}

pub(super) fn probes(
    scope: &mut Scope<'_>,
    usual: &Usual,
    services: &BTreeMap<ServiceName, LanService>,
    group: written::Probes,
) -> Probes {
    let at = scope.field(GROUP).name("probes");
    let default = Probes::default();
    let egress = group.egress.unwrap_or_default();
    let in_egress = at.name("egress");
    Probes {
        internet: group.internet.map_or(default.internet, |written| {
            let addresses = listed(scope, &at.name("internet"), written);
            let mut internet = Vec::new();
            for (index, endpoint) in addresses {
                if let Some(address) = endpoint.address() {
                    internet.push(address);
                } else {
                    refuse_name(scope, &at.name("internet").index(index), &endpoint.to_string());
                }
            }
            internet
        }),
        egress: EgressProbes {
            dns: egress.dns.map_or(default.egress.dns, |written| {
                let servers = listed(scope, &in_egress.name("dns"), written);
                servers.into_iter().map(|(_, server)| server).collect()
            }),
            http: egress.http.map_or(default.egress.http, |written| {
                let urls = listed(scope, &in_egress.name("http"), written);
                urls.into_iter().map(|(_, url)| url).collect()
            }),
        },
        targets: targets(
            scope,
            &at.name("targets"),
            usual,
            services,
            group.targets.unwrap_or_default(),
        ),
    }
}

fn refuse_name(scope: &mut Scope<'_>, field: &FieldPath, written: &str) {
    let message = format!("{written} is a name, and whether the internet is reached must not depend on a resolver");
    let finding = Finding::new(Code::InvalidValue, field.clone(), message);
    scope.add(finding.help("write its address: `\"192.0.2.1:443\"`"));
}

/// The entries with their places: none twice, and not too many.
fn listed<T: Ord + Clone + ToString>(scope: &mut Scope<'_>, at: &FieldPath, written: Vec<T>) -> Vec<(usize, T)> {
    let mut seen = BTreeSet::new();
    let mut listed = Vec::new();
    for (index, entry) in written.into_iter().enumerate() {
        if index >= Probes::MOST_ALTERNATIVES {
            let message = format!("more than {} of them", Probes::MOST_ALTERNATIVES);
            let finding = Finding::new(Code::InvalidValue, at.index(index), message);
            scope.add(finding.help("one that answers is enough: two or three of different operators say as much"));
            break;
        }
        if seen.insert(entry.clone()) {
            listed.push((index, entry));
        } else {
            let message = format!("`{}` is listed twice", entry.to_string());
            scope.add(Finding::new(Code::InvalidValue, at.index(index), message));
        }
    }
    listed
}

fn targets(
    scope: &mut Scope<'_>,
    at: &FieldPath,
    usual: &Usual,
    services: &BTreeMap<ServiceName, LanService>,
    written: BTreeMap<ServiceName, written::ProbeTarget>,
) -> BTreeMap<ServiceName, ProbeTarget> {
    if written.len() > Probes::MOST_TARGETS {
        let message = format!(
            "{} targets: at most {} are measured",
            written.len(),
            Probes::MOST_TARGETS
        );
        scope.add(Finding::new(Code::InvalidValue, at.clone(), message));
    }
    let mut targets = BTreeMap::new();
    for (name, target) in written.into_iter().take(Probes::MOST_TARGETS) {
        let at = at.name(name.to_string());
        if OWN_NAMES.contains(&name.as_str()) {
            let message = format!("the monitor calls a measurement of its own `{name}`");
            scope.add(Finding::new(Code::InvalidValue, at.clone(), message).help("choose another name"));
        }
        if services.contains_key(&name) {
            let message = format!("`{name}` is measured already, by both of its ways");
            let finding = Finding::new(Code::InvalidValue, at.clone(), message);
            let field = scope
                .field(GROUP)
                .name("failover")
                .name("lanServices")
                .name(name.to_string());
            scope.add(finding.with(field, "a service of this name"));
        }
        if let Some(target) = one(scope, &at, usual, target) {
            targets.insert(name, target);
        }
    }
    targets
}

fn one(scope: &mut Scope<'_>, at: &FieldPath, usual: &Usual, written: written::ProbeTarget) -> Option<ProbeTarget> {
    let mut asked: Vec<(&str, Probed)> = Vec::new();
    asked.extend(written.ping.map(|host| ("ping", Probed::Ping(host))));
    let has_peer = written.peer.is_some();
    if let Some(peer) = written.peer {
        match peer.node {
            Some(node) => {
                let kind = peer.kind.map_or(PingKind::Tsmp, |kind| match kind {
                    written::PingKind::Disco => PingKind::Disco,
                    written::PingKind::Tsmp => PingKind::Tsmp,
                    written::PingKind::Icmp => PingKind::Icmp,
                });
                asked.push(("peer", Probed::Peer { node, kind }));
            }
            None => scope.missing(
                &at.name("peer"),
                "node",
                "a node of the tailnet is pinged",
                "write its name",
            ),
        }
    }
    asked.extend(written.tcp.map(|endpoint| ("tcp", Probed::Tcp(endpoint))));
    asked.extend(written.http.map(|url| ("http", Probed::Http(url))));
    let has_dns = written.dns.is_some();
    if let Some(dns) = written.dns {
        let why = "a DNS server is asked for a name";
        if dns.server.is_none() {
            scope.missing(&at.name("dns"), "server", why, "write the address of the server");
        }
        if dns.name.is_none() {
            scope.missing(&at.name("dns"), "name", why, "write a name that it knows");
        }
        if let (Some(server), Some(name)) = (dns.server, dns.name) {
            asked.push(("dns", Probed::Dns { server, name }));
        }
    }
    let interval = written.interval.map_or(usual.interval, |span| span.0);
    if interval < ProbeTarget::SHORTEST {
        let shortest = ProbeTarget::SHORTEST;
        let message = format!("a check every {interval}: a target is asked every {shortest} at most");
        scope.add(Finding::new(Code::InvalidValue, at.name("interval"), message));
    }
    let timeout = match written.timeout {
        None => usual.timeout.min(interval),
        Some(span) if span.0 <= interval => span.0,
        Some(span) => {
            let message = format!("an answer is waited for longer ({}) than until the next check", span.0);
            let finding = Finding::new(Code::InvalidValue, at.name("timeout"), message);
            scope.add(finding.with(at.clone(), format!("a check every {interval}")));
            interval
        }
    };
    let ask = match asked.len() {
        1 => asked.pop().map(|(_, ask)| ask)?,
        0 if has_dns || has_peer => return None,
        0 => {
            let why = "nothing says how it is measured";
            scope.missing(at, "ping", why, "write one of `ping`, `peer`, `tcp`, `http` and `dns`");
            return None;
        }
        _ => {
            let kinds: Vec<String> = asked.iter().map(|(kind, _)| format!("`{kind}`")).collect();
            let message = format!("{} at once: a target is measured in one way", kinds.join(" and "));
            let finding = Finding::new(Code::InvalidValue, at.clone(), message);
            scope.add(finding.help("write two targets"));
            return None;
        }
    };
    Some(ProbeTarget {
        ask,
        interval,
        timeout,
        max_latency: written.max_latency.map_or(usual.max_latency, |span| span.0),
        max_packet_loss: written.max_packet_loss.unwrap_or(usual.max_packet_loss),
    })
}
