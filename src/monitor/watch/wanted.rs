//! Which measurements a host needs.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::key::{Class, Key, Means, word};
use super::probe::{Exchange, Question, Way};
use super::tailnet::{Found, Peer};
use super::target::Spec;
use super::{Expects, Links, Tailnet};
use crate::model::{ExitNodeChoice, LanRoute, MonitorSettings, PingKind, ProbeTarget, Probed};
use crate::monitor::Fault;
use crate::monitor::diagnosis::{Daemon, DaemonFault};
use crate::monitor::failover::ExitNodeUse;
use crate::monitor::probe::Limits;
use crate::net::{DnsName, InterfaceName, Prefix, ServiceName, TimeSpan, UpstreamHost};

/// What lies below the tailnet is not asked more often than this while all is well.
const CALM: TimeSpan = TimeSpan::constant_millis(10_000);
/// Where checks are at least this far apart, each sends several pings.
const UNHURRIED: TimeSpan = TimeSpan::constant_millis(5_000);
/// So many.
const PINGS: u32 = 5;
/// So many nodes that are no exit nodes are asked where no exit node answers.
const WITNESSES: usize = 2;
/// What the resolver is asked for where the preferences do not name another control plane: a name without which tailscaled
/// itself cannot work. Nobody learns anything by it.
const CONTROL: &str = "controlplane.tailscale.com";
/// What DNS servers behind an exit node are asked for: every one of them knows the name servers of the root by heart.
const ANY_NAME: &str = "a.root-servers.net";
/// The port of DNS.
const DNS: u16 = 53;
/// MagicDNS: tailscaled itself answers.
const MAGIC_DNS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 100)),
    IpAddr::V6(Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0x53)),
];

/// What is on or behind nodes that are measured, and the words for these.
#[derive(Debug, Clone, Default)]
pub(super) struct OnPeers {
    /// Services and targets.
    pub(super) services: BTreeMap<ServiceName, String>,
    /// `lanRoutes`.
    pub(super) prefixes: BTreeMap<Prefix, String>,
}

/// A target that is to be a node of the tailnet, and is not.
pub(super) struct LostPeer<'a> {
    /// The target.
    pub(super) name: &'a ServiceName,
    /// What it calls the node.
    pub(super) node: &'a UpstreamHost,
    /// What it would be sent.
    pub(super) kind: PingKind,
    /// What is wrong.
    pub(super) fault: Fault,
}

/// What is known when it is asked which measurements a host needs.
pub(super) struct Known<'a> {
    pub(super) settings: &'a MonitorSettings,
    pub(super) tailnet: &'a Tailnet,
    pub(super) links: Option<&'a Links>,
    /// The exit node in force.
    pub(super) in_force: Option<&'a ExitNodeUse>,
    /// Whether no exit node answers, so that it is the tunnel that may be dead.
    pub(super) suspects: bool,
}

impl Known<'_> {
    /// Every measurement that can be made now.
    pub(super) fn specs(&self) -> BTreeMap<Key, Spec> {
        let mut specs = Vec::new();
        self.ground(&mut specs);
        if self.tailnet.daemon == Daemon::Runs {
            self.exit_nodes(&mut specs);
            self.tunnelled(&mut specs);
            if self.suspects {
                self.witnesses(&mut specs);
            }
        }
        if self.tailnet.daemon == Daemon::Broken(DaemonFault::Starting) {
            specs.extend(self.control());
        }
        self.direct(&mut specs);
        self.own(&mut specs);
        specs.into_iter().map(|spec| (spec.key.clone(), spec)).collect()
    }

    fn ground(&self, specs: &mut Vec<Spec>) {
        let settings = self.settings;
        specs.push(Spec {
            every: settings.check_interval,
            ..self.spec(Key::Links, Question::Links)
        });
        let Some(links) = self.links else { return };
        let route = |is_ipv4| links.default_route(is_ipv4, &settings.interface);
        let first = route(true).or_else(|| route(false));
        if let Some((gateway, interface)) = first.and_then(|route| Some((route.gateway?, &route.interface))) {
            let echo = Exchange::Echo {
                host: gateway.into(),
                at: Some(gateway),
            };
            specs.push(self.spec(Key::Gateway, reach(vec![echo], interface)));
        }
        let mut asked = settings
            .probes
            .internet
            .iter()
            .filter(|address| route(address.is_ipv4()).is_some());
        // All go by the interface of the first family that has a route.
        let is_ipv4 = first.map(|route| route.prefix.is_ipv4());
        let of_family: Vec<Exchange> = asked
            .by_ref()
            .filter(|address| Some(address.is_ipv4()) == is_ipv4)
            .filter_map(|address| connection(*address))
            .collect();
        let Some(first) = first else { return };
        if !of_family.is_empty() {
            specs.push(self.spec(Key::Internet, reach(of_family, &first.interface)));
        }
        specs.extend(self.resolver(links).map(|question| self.spec(Key::Resolver, question)));
        let region = &self.tailnet.home_region;
        if !region.is_empty() {
            let question = Question::Relay {
                region: region.clone(),
                way: Way::By(first.interface.clone()),
            };
            specs.push(self.spec(Key::Relay, question));
        }
    }

    /// How the resolvers are asked. Those in the tailnet or behind one of its routers, and tailscaled's own, answer by way of
    /// what they are to judge: with an exit node, MagicDNS asks it. They are left out; so are those on this host, of which
    /// nobody knows whom they ask.
    fn resolver(&self, links: &Links) -> Option<Question> {
        let control = self.tailnet.control.as_ref().and_then(|url| url.host().name().cloned());
        let name = control.or_else(|| CONTROL.parse().ok())?;
        let tunnel = &self.settings.interface;
        let mut way = None;
        let mut any_of = Vec::new();
        for resolver in &links.resolvers {
            let is_routed = self
                .tailnet
                .preferences
                .as_ref()
                .is_some_and(|preferences| preferences.accept_routes)
                && self.router(*resolver).is_some();
            if resolver.is_loopback() || is_in_tailnet(*resolver) || is_routed {
                continue;
            }
            let Some(route) = links.route(*resolver, tunnel) else {
                continue;
            };
            if *way.get_or_insert(&route.interface) == &route.interface {
                any_of.push(question(*resolver, name.clone()));
            }
        }
        Some(reach(any_of, way?))
    }

    /// The exit node in force and those that may come to be.
    fn exit_nodes(&self, specs: &mut Vec<Spec>) {
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
    fn witnesses(&self, specs: &mut Vec<Spec>) {
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
    fn control(&self) -> Option<Spec> {
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

    /// What is reached through the tunnel and could be reached otherwise.
    fn tunnelled(&self, specs: &mut Vec<Spec>) {
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
    fn direct(&self, specs: &mut Vec<Spec>) {
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
    fn own(&self, specs: &mut Vec<Spec>) {
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

    fn spec(&self, key: Key, question: Question) -> Spec {
        let settings = self.settings;
        let (class, every) = if key.is_ground() {
            (Class::Ground, settings.check_interval.max(CALM))
        } else {
            (Class::Other, settings.check_interval)
        };
        Spec {
            key,
            class,
            question,
            every,
            limits: Limits {
                latency: settings.max_latency,
                loss: settings.max_packet_loss,
                timeout: settings.check_timeout,
            },
        }
    }

    /// Every exit node that is in force or may come to be; `auto:any` only while it is in force, when it is a certain one.
    pub(super) fn nodes(&self) -> Vec<ExitNodeUse> {
        let named = self.settings.exit_node.iter().chain(&self.settings.exit_nodes);
        let mut nodes: Vec<ExitNodeUse> = named
            .filter(|choice| **choice != ExitNodeChoice::Auto)
            .map(|choice| ExitNodeUse::Node(choice.clone()))
            .collect();
        nodes.extend(self.in_force.filter(|node| **node != ExitNodeUse::Off).cloned());
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// Which node of the tailnet that is.
    pub(super) fn peer(&self, node: &ExitNodeUse) -> Option<&Peer> {
        match node {
            ExitNodeUse::Off => None,
            ExitNodeUse::Node(ExitNodeChoice::Auto) | ExitNodeUse::Other(_) => {
                let id = self.tailnet.preferences.as_ref()?.exit_node.as_ref()?;
                self.is_in_force(node).then(|| self.tailnet.node(id)).flatten()
            }
            ExitNodeUse::Node(choice) => match self.tailnet.find(choice) {
                Found::One(peer) => Some(peer),
                Found::None | Found::Several => None,
            },
        }
    }

    /// The targets that are to be nodes of the tailnet, and are not, with what is wrong. Without any peers the map of the
    /// network has not come.
    pub(super) fn lost_peers(&self) -> Vec<LostPeer<'_>> {
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
    pub(super) fn on_peers(&self) -> OnPeers {
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
    pub(super) fn cut_off(&self) -> Option<Prefix> {
        let direct = &self.settings.failover.lan_routes;
        let routes = self.tailnet.peers.iter().flat_map(|peer| &peer.routes);
        let mut routes = routes.filter(|route| !route.is_default());
        routes
            .find(|route| !direct.iter().any(|lan| lan.prefix.covers(route)))
            .copied()
    }

    pub(super) fn is_in_force(&self, node: &ExitNodeUse) -> bool {
        self.in_force == Some(node)
    }

    /// The address of a host that is a node of the tailnet.
    fn address(&self, host: &UpstreamHost) -> Option<IpAddr> {
        host.address()
            .or_else(|| self.tailnet.host(host)?.addresses.first().copied())
    }

    /// The node that is the way to an address.
    fn router(&self, address: IpAddr) -> Option<&Peer> {
        let routes = self
            .tailnet
            .peers
            .iter()
            .flat_map(|peer| peer.routes.iter().map(move |route| (route, peer)));
        let leads = routes.filter(|(route, _)| !route.is_default() && route.contains(address));
        leads.max_by_key(|(route, _)| route.len()).map(|(_, peer)| peer)
    }
}

/// So many pings at once, where checks are so far apart.
fn pings(every: TimeSpan) -> u32 {
    if every >= UNHURRIED { PINGS } else { 1 }
}

/// A target of the settings has limits of its own.
fn own_spec(key: Key, target: &ProbeTarget, question: Question) -> Spec {
    Spec {
        key,
        class: Class::Other,
        question,
        every: target.interval,
        limits: Limits {
            latency: target.max_latency,
            loss: target.max_packet_loss,
            timeout: target.timeout,
        },
    }
}

/// Whether an address lies in the tailnet: those answer through tailscaled.
fn is_in_tailnet(address: IpAddr) -> bool {
    MAGIC_DNS.contains(&address) || Prefix::host(address).overlaps_tailnet()
}

fn reach(any_of: Vec<Exchange>, interface: &InterfaceName) -> Question {
    Question::Reach {
        any_of,
        way: Way::By(interface.clone()),
    }
}

fn echo(address: IpAddr) -> Exchange {
    Exchange::Echo {
        host: address.into(),
        at: Some(address),
    }
}

fn connection(address: SocketAddr) -> Option<Exchange> {
    Some(Exchange::Tcp {
        host: address.ip().into(),
        at: Some(address.ip()),
        port: crate::net::Port::new(address.port())?,
    })
}

fn question(server: IpAddr, name: DnsName) -> Exchange {
    Exchange::Dns {
        server: SocketAddr::new(server, DNS),
        name,
    }
}
