//! What is measured, by name.

use crate::model::Probed;
use crate::monitor::failover::ExitNodeUse;
use crate::net::{Prefix, ServiceName};

/// Something that is measured. The order is that in which readings are shown and checks are spread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The host's interfaces, routes and resolvers.
    Links,
    /// The router of the local network.
    Gateway,
    /// The internet, around the tunnel.
    Internet,
    /// The resolver, around the tunnel.
    Resolver,
    /// The home relay, around the tunnel.
    Relay,
    /// tailscaled: whether it answers, while it is up as far as it has said.
    Daemon,
    /// The internet through the exit node in force, by one of several means: what passes one need not pass the others.
    Egress(Means),
    /// The tunnel to an exit node.
    Through(ExitNodeUse),
    /// The path to an exit node, below the tunnel.
    Path(ExitNodeUse),
    /// A prefix through the tailnet.
    RouteThrough(Prefix),
    /// The same prefix directly.
    RouteDirect(Prefix),
    /// A service by its tailnet address.
    ServiceTailnet(ServiceName),
    /// The same service by its LAN address.
    ServiceLan(ServiceName),
    /// A target of the settings.
    Own(ServiceName),
    /// The path to the node that such a target is, below the tunnel.
    OwnPath(ServiceName),
    /// The control plane, around the tunnel: only while tailscaled does not come up.
    Control,
    /// The tunnel to a node that is no exit node, by its stable id: only while every exit node is silent.
    Witness(String),
}

/// By what the internet is asked through an exit node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Means {
    /// UDP, and short. A router that answers names itself, or passes nothing else, passes this.
    Dns,
    /// TCP, and what captive portals and proxies lay hands on.
    Http,
}

/// How urgent a check is, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// It measures what is in force.
    InForce,
    /// It measures what lies below the tailnet. It is asked after what is in force: an outage that the one has seen, the
    /// other has seen as well.
    Ground,
    /// It measures something else.
    Other,
}

impl Key {
    /// Whether it lies below the tailnet, or is what the whole tailnet hangs on.
    pub(super) fn is_ground(&self) -> bool {
        matches!(
            self,
            Self::Links | Self::Gateway | Self::Internet | Self::Resolver | Self::Relay | Self::Daemon
        )
    }

    /// How high it stands: what it rests on is lower.
    pub(super) fn height(&self) -> u8 {
        match self {
            Self::Links => 0,
            Self::Gateway => 1,
            Self::Internet => 2,
            Self::Resolver | Self::Relay | Self::Daemon => 3,
            _ => 4,
        }
    }

    /// What its readings are called: in the words of the settings, unique.
    pub(super) fn target(&self) -> String {
        match self {
            Self::Links => "links".to_owned(),
            Self::Gateway => "gateway".to_owned(),
            Self::Internet => "internet".to_owned(),
            Self::Resolver => "resolver".to_owned(),
            Self::Relay => "home relay".to_owned(),
            Self::Daemon => "tailscaled".to_owned(),
            Self::Egress(Means::Dns) => "egress by DNS".to_owned(),
            Self::Egress(Means::Http) => "egress by HTTP".to_owned(),
            Self::Through(node) | Self::Path(node) => format!("exit node {}", word(node)),
            Self::RouteThrough(prefix) => format!("{prefix} by the tailnet"),
            Self::RouteDirect(prefix) => format!("{prefix} by the LAN"),
            Self::ServiceTailnet(name) => format!("{name} by the tailnet"),
            Self::ServiceLan(name) => format!("{name} by the LAN"),
            Self::Own(name) | Self::OwnPath(name) => name.to_string(),
            Self::Control => "control plane".to_owned(),
            Self::Witness(id) => format!("node {id}"),
        }
    }

    /// How it is measured, in one word; `None` where that is no measurement of its own.
    pub(super) fn kind(&self, own: Option<&Probed>) -> Option<&'static str> {
        Some(match self {
            Self::Links | Self::Daemon | Self::Path(_) | Self::OwnPath(_) | Self::Control | Self::Witness(_) => {
                return None;
            }
            Self::Gateway => "gateway",
            Self::Internet => "internet",
            Self::Resolver => "dns",
            Self::Relay => "stun",
            Self::Egress(_) => "egress",
            Self::Through(_) | Self::RouteThrough(_) | Self::RouteDirect(_) => "ping",
            Self::ServiceTailnet(_) | Self::ServiceLan(_) => "tcp",
            Self::Own(_) => match own? {
                Probed::Ping(_) => "ping",
                Probed::Peer { kind, .. } => kind.as_str(),
                Probed::Tcp(_) => "tcp",
                Probed::Http(_) => "http",
                Probed::Dns { .. } => "dns",
            },
        })
    }
}

/// The word of the settings for an exit node. One that the settings do not name is chosen by others, and so is its id.
pub(super) fn word(node: &ExitNodeUse) -> String {
    match node {
        ExitNodeUse::Off => "none".to_owned(),
        ExitNodeUse::Node(choice) => choice.to_string(),
        ExitNodeUse::Other(_) => "of another's choice".to_owned(),
    }
}
