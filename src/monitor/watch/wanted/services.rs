//! Services, routes, and what the settings name themselves.

use super::{Known, echo, own_spec, pings, question, reach};
use crate::model::{PingKind, ProbeTarget, Probed};
use crate::monitor::diagnosis::Daemon;
use crate::monitor::watch::Expects;
use crate::monitor::watch::key::Key;
use crate::monitor::watch::probe::{Exchange, Question, Way};
use crate::monitor::watch::target::Spec;
use crate::net::{ServiceName, UpstreamHost};

impl Known<'_> {
    /// What is reached through the tunnel and could be reached otherwise.
    pub(super) fn tunnelled(&self, specs: &mut Vec<Spec>) {
        let failover = &self.settings.failover;
        let accepts = self
            .tailnet
            .preferences
            .as_ref()
            .is_none_or(|preferences| preferences.accept_routes);
        for route in &failover.lan_routes {
            let question = if accepts {
                Some(reach(vec![echo(route.probe)], &self.settings.interface))
            } else {
                // Without the route nothing else of the router can be asked than whether it is there.
                let router = self.router(route.probe);
                let address = router.and_then(|router| router.addresses.first().copied());
                address.map(|address| Question::Ping {
                    address,
                    kind: PingKind::Tsmp,
                    count: 1,
                })
            };
            specs.extend(question.map(|question| self.spec(Key::RouteThrough(route.prefix), question)));
        }
        for (name, service) in &failover.lan_services {
            let tcp = Exchange::Tcp {
                host: service.tailnet_address.clone(),
                at: self.address(&service.tailnet_address),
                port: service.port,
            };
            specs.push(self.spec(
                Key::ServiceTailnet(name.clone()),
                reach(vec![tcp], &self.settings.interface),
            ));
        }
    }

    /// What is reached on the local network and could be reached through the tunnel.
    pub(super) fn direct(&self, specs: &mut Vec<Spec>) {
        let Some(links) = self.links else { return };
        let way = |address| Some(&links.route(address, &self.settings.interface)?.interface);
        let failover = &self.settings.failover;
        for route in &failover.lan_routes {
            if let Some(interface) = way(route.probe) {
                specs.push(self.spec(
                    Key::RouteDirect(route.prefix),
                    reach(vec![echo(route.probe)], interface),
                ));
            }
        }
        for (name, service) in &failover.lan_services {
            let address = service.lan_address;
            if let Some(interface) = way(address) {
                let tcp = Exchange::Tcp {
                    host: address.into(),
                    at: Some(address),
                    port: service.port,
                };
                specs.push(self.spec(Key::ServiceLan(name.clone()), reach(vec![tcp], interface)));
            }
        }
    }

    /// The targets of the settings, as any program of the host would reach them.
    pub(super) fn own(&self, specs: &mut Vec<Spec>) {
        for (name, target) in &self.settings.probes.targets {
            let exchange = match &target.ask {
                Probed::Peer { node, kind } => {
                    specs.extend(self.own_peer(name, target, node, *kind));
                    continue;
                }
                Probed::Ping(host) => Exchange::Echo {
                    host: host.clone(),
                    at: self.address(host),
                },
                Probed::Tcp(endpoint) => Exchange::Tcp {
                    host: endpoint.host().clone(),
                    at: self.address(endpoint.host()),
                    port: endpoint.port(),
                },
                Probed::Http(url) => Exchange::Http {
                    url: url.clone(),
                    at: self.address(url.host()),
                    expects: Expects::Success,
                },
                Probed::Dns { server, name } => question(*server, name.clone()),
            };
            let question = Question::Reach {
                any_of: vec![exchange],
                way: Way::Routed,
            };
            specs.push(own_spec(Key::Own(name.clone()), target, question));
        }
    }

    /// A node of the tailnet, pinged by tailscaled, and the path there, unless the pings themselves say it. Nothing where there
    /// is no such node, or tailscaled is not up.
    fn own_peer(&self, name: &ServiceName, target: &ProbeTarget, node: &UpstreamHost, kind: PingKind) -> Vec<Spec> {
        let peer = self.tailnet.host(node).filter(|_| self.tailnet.daemon == Daemon::Runs);
        let Some(address) = peer.and_then(|peer| peer.addresses.first().copied()) else {
            return Vec::new();
        };
        let ping = |kind, count| Question::Ping { address, kind, count };
        let mut specs = vec![own_spec(
            Key::Own(name.clone()),
            target,
            ping(kind, pings(target.interval)),
        )];
        if kind != PingKind::Disco {
            specs.push(own_spec(Key::OwnPath(name.clone()), target, ping(PingKind::Disco, 1)));
        }
        specs
    }
}
