//! What is on or behind nodes that are measured.

use super::Known;
use crate::model::{LanRoute, PingKind, Probed};
use crate::monitor::Fault;
use crate::monitor::diagnosis::Daemon;
use crate::monitor::watch::key::word;
use crate::monitor::watch::tailnet::Found;
use crate::net::{Prefix, ServiceName, UpstreamHost};
use std::collections::BTreeMap;

/// What is on or behind nodes that are measured, and the words for these.
#[derive(Debug, Clone, Default)]
pub(in crate::monitor::watch) struct OnPeers {
    /// Services and targets.
    pub(in crate::monitor::watch) services: BTreeMap<ServiceName, String>,
    /// `lanRoutes`.
    pub(in crate::monitor::watch) prefixes: BTreeMap<Prefix, String>,
}

/// A target that is to be a node of the tailnet, and is not.
pub(in crate::monitor::watch) struct LostPeer<'a> {
    /// The target.
    pub(in crate::monitor::watch) name: &'a ServiceName,
    /// What it calls the node.
    pub(in crate::monitor::watch) node: &'a UpstreamHost,
    /// What it would be sent.
    pub(in crate::monitor::watch) kind: PingKind,
    /// What is wrong.
    pub(in crate::monitor::watch) fault: Fault,
}

impl Known<'_> {
    /// The targets that are to be nodes of the tailnet, and are not, with what is wrong. Without any peers the map of the
    /// network has not come.
    pub(in crate::monitor::watch) fn lost_peers(&self) -> Vec<LostPeer<'_>> {
        if self.tailnet.daemon != Daemon::Runs || self.tailnet.peers.is_empty() {
            return Vec::new();
        }
        let targets = self.settings.probes.targets.iter();
        let lost = targets.filter_map(|(name, target)| {
            let Probed::Peer { node, kind } = &target.ask else {
                return None;
            };
            let fault = match self.tailnet.seek(node) {
                Found::One(_) => return None,
                Found::None => Fault::NoSuchNode,
                Found::Several => Fault::Ambiguous,
            };
            let kind = *kind;
            Some(LostPeer {
                name,
                node,
                kind,
                fault,
            })
        });
        lost.collect()
    }

    /// The nodes that are measured, by their ids, and the word of the settings for each: that of an exit node first.
    fn words(&self) -> BTreeMap<&str, String> {
        let mut words = BTreeMap::new();
        let nodes = self.nodes();
        for (peer, node) in nodes.iter().filter_map(|node| Some((self.peer(node)?, node))) {
            words.entry(peer.id.as_str()).or_insert_with(|| word(node));
        }
        for target in self.settings.probes.targets.values() {
            if let Probed::Peer { node, .. } = &target.ask
                && let Some(peer) = self.tailnet.host(node)
            {
                words.entry(peer.id.as_str()).or_insert_with(|| node.to_string());
            }
        }
        words
    }

    /// What is on or behind a node that is measured, and the word for that node.
    pub(in crate::monitor::watch) fn on_peers(&self) -> OnPeers {
        let words = self.words();
        let failover = &self.settings.failover;
        let services = failover.lan_services.iter();
        let services = services.map(|(name, service)| (name, service.tailnet_address.clone()));
        let targets = self.settings.probes.targets.iter().map(|(name, target)| {
            let host = match &target.ask {
                Probed::Ping(host) | Probed::Peer { node: host, .. } => host.clone(),
                Probed::Tcp(endpoint) => endpoint.host().clone(),
                Probed::Http(url) => url.host().clone(),
                Probed::Dns { server, .. } => (*server).into(),
            };
            (name, host)
        });
        let on_peer = |(name, host): (&ServiceName, UpstreamHost)| {
            let peer = self.tailnet.host(&host)?;
            Some((name.clone(), words.get(peer.id.as_str())?.clone()))
        };
        let behind = |route: &LanRoute| {
            let peer = self.router(route.probe)?;
            Some((route.prefix, words.get(peer.id.as_str())?.clone()))
        };
        OnPeers {
            services: services.chain(targets).filter_map(on_peer).collect(),
            prefixes: failover.lan_routes.iter().filter_map(behind).collect(),
        }
    }

    /// A prefix that a router of the tailnet leads to, and that is not reached directly (`lanRoutes`): without the routes of the
    /// tailnet it is cut off.
    pub(in crate::monitor::watch) fn cut_off(&self) -> Option<Prefix> {
        let direct = &self.settings.failover.lan_routes;
        let routes = self.tailnet.peers.iter().flat_map(|peer| &peer.routes);
        let mut routes = routes.filter(|route| !route.is_default());
        routes
            .find(|route| !direct.iter().any(|lan| lan.prefix.covers(route)))
            .copied()
    }
}
