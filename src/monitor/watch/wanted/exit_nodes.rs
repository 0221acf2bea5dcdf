//! Exit nodes, and what passes through the one in force.

use super::{CALM, CONTROL, Known, pings, question, reach};
use crate::model::PingKind;
use crate::monitor::failover::ExitNodeUse;
use crate::monitor::probe::Limits;
use crate::monitor::watch::Expects;
use crate::monitor::watch::key::{Class, Key, Means};
use crate::monitor::watch::probe::{Exchange, Question};
use crate::monitor::watch::tailnet::Peer;
use crate::monitor::watch::target::Spec;
use crate::net::{DnsName, TimeSpan};

/// So many nodes that are no exit nodes are asked where no exit node answers.
const WITNESSES: usize = 2;

/// What DNS servers behind an exit node are asked for: every one of them knows the name servers of the root by heart.
const ANY_NAME: &str = "a.root-servers.net";

impl Known<'_> {
    /// The exit node in force and those that may come to be.
    pub(super) fn exit_nodes(&self, specs: &mut Vec<Spec>) {
        for node in self.nodes() {
            let Some(peer) = self.peer(&node) else { continue };
            let Some(address) = peer.addresses.first() else {
                continue;
            };
            if !peer.offers_exit && !self.is_in_force(&node) {
                continue;
            }
            let class = if self.is_in_force(&node) {
                Class::InForce
            } else {
                Class::Other
            };
            let ping = |kind, count| Question::Ping {
                address: *address,
                kind,
                count,
            };
            let count = pings(self.settings.check_interval);
            let through = self.spec(Key::Through(node.clone()), ping(PingKind::Tsmp, count));
            specs.push(Spec { class, ..through });
            specs.push(self.spec(Key::Path(node), ping(PingKind::Disco, 1)));
        }
        self.egress(specs);
    }

    /// Other nodes that say whether the tunnel is dead or only the exit nodes are: of those that the control plane sees, such as
    /// offer no exit first (those of Mullvad answer no pings), then routers, because laptops sleep.
    pub(super) fn witnesses(&self, specs: &mut Vec<Spec>) {
        let nodes = self.nodes();
        let asked: Vec<&String> = nodes.iter().filter_map(|node| Some(&self.peer(node)?.id)).collect();
        let peers = self.tailnet.peers.iter();
        let mut others: Vec<&Peer> = peers.filter(|peer| peer.online && !asked.contains(&&peer.id)).collect();
        others.sort_by_key(|peer| (peer.offers_exit, peer.routes.is_empty(), &peer.id));
        for peer in others.into_iter().take(WITNESSES) {
            let Some(address) = peer.addresses.first() else {
                continue;
            };
            let ping = Question::Ping {
                address: *address,
                kind: PingKind::Tsmp,
                count: 1,
            };
            specs.push(Spec {
                every: self.settings.check_interval.min(CALM),
                ..self.spec(Key::Witness(peer.id.clone()), ping)
            });
        }
    }

    /// A connection to the control plane, around the tunnel that it is to bring up.
    pub(super) fn control(&self) -> Option<Spec> {
        let links = self.links?;
        let standard = || format!("https://{CONTROL}").parse().ok();
        let url = self.tailnet.control.clone().or_else(standard)?;
        let tunnel = &self.settings.interface;
        let route = match url.host().address() {
            Some(address) => links.route(address, tunnel),
            None => links
                .default_route(true, tunnel)
                .or_else(|| links.default_route(false, tunnel)),
        }?;
        let tcp = Exchange::Tcp {
            host: url.host().clone(),
            at: url.host().address(),
            port: url.endpoint().port(),
        };
        Some(self.spec(Key::Control, reach(vec![tcp], &route.interface)))
    }

    /// What is sent through the exit node in force, where there is one.
    fn egress(&self, specs: &mut Vec<Spec>) {
        if self.in_force.is_none_or(|node| *node == ExitNodeUse::Off) {
            return;
        }
        let egress = &self.settings.probes.egress;
        let name: Option<DnsName> = ANY_NAME.parse().ok();
        let dns = name.into_iter().flat_map(|name| {
            let servers = egress.dns.iter();
            servers.map(move |server| question(*server, name.clone()))
        });
        let http = egress.http.iter().map(|url| Exchange::Http {
            url: url.clone(),
            at: None,
            expects: Expects::of_egress(url),
        });
        for (means, any_of) in [(Means::Dns, dns.collect()), (Means::Http, http.collect::<Vec<_>>())] {
            let Some(round_trips) = any_of.iter().map(Exchange::round_trips).max() else {
                continue;
            };
            let spec = self.spec(Key::Egress(means), reach(any_of, &self.settings.interface));
            // What may take so long is one way there and back.
            let latency = spec.limits.latency.as_millis().saturating_mul(round_trips);
            let latency = TimeSpan::from_millis(latency).unwrap_or(spec.limits.latency);
            specs.push(Spec {
                class: Class::InForce,
                limits: Limits { latency, ..spec.limits },
                ..spec
            });
        }
    }
}
