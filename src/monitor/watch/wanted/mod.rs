//! Which measurements a host needs.

mod exit_nodes;
mod ground;
mod peers;
mod services;

use crate::model::{ExitNodeChoice, MonitorSettings, ProbeTarget};
use crate::monitor::diagnosis::{Daemon, DaemonFault};
use crate::monitor::failover::ExitNodeUse;
use crate::monitor::probe::Limits;
use crate::monitor::watch::key::{Class, Key};
use crate::monitor::watch::probe::{Exchange, Question, Way};
use crate::monitor::watch::tailnet::{Found, Peer};
use crate::monitor::watch::target::Spec;
use crate::monitor::watch::{Links, Tailnet};
use crate::net::{DnsName, InterfaceName, Prefix, TimeSpan, UpstreamHost};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(super) use self::peers::OnPeers;

/// What lies below the tailnet is not asked more often than this while all is well.
const CALM: TimeSpan = TimeSpan::constant_millis(10_000);

/// Where checks are at least this far apart, each sends several pings.
const UNHURRIED: TimeSpan = TimeSpan::constant_millis(5_000);

/// So many.
const PINGS: u32 = 5;

/// What the resolver is asked for where the preferences do not name another control plane: a name without which tailscaled
/// itself cannot work. Nobody learns anything by it.
const CONTROL: &str = "controlplane.tailscale.com";
/// The port of DNS.
const DNS: u16 = 53;

/// MagicDNS: tailscaled itself answers.
const MAGIC_DNS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 100)),
    IpAddr::V6(Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0x53)),
];

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

    pub(super) fn spec(&self, key: Key, question: Question) -> Spec {
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

    pub(super) fn is_in_force(&self, node: &ExitNodeUse) -> bool {
        self.in_force == Some(node)
    }

    /// The address of a host that is a node of the tailnet.
    pub(super) fn address(&self, host: &UpstreamHost) -> Option<IpAddr> {
        host.address()
            .or_else(|| self.tailnet.host(host)?.addresses.first().copied())
    }

    /// The node that is the way to an address.
    pub(super) fn router(&self, address: IpAddr) -> Option<&Peer> {
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
