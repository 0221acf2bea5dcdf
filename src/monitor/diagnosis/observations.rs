//! What was seen to work and to fail.

use std::collections::BTreeMap;

use super::DaemonFault;
use crate::monitor::Moment;
use crate::net::{Prefix, ServiceName};

/// What is known of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Sighting {
    /// It works.
    Works,
    /// It fails.
    Fails,
    /// Nobody has looked, or it cannot be told.
    #[default]
    Unknown,
}

/// What was seen of every layer. What is about the network below the tailnet is measured around the tunnel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observations {
    /// Whether an interface that leads out is up and has a carrier.
    pub link: Sighting,
    /// Whether the router of the local network answers. Some never do; one behind which the internet answers works.
    pub gateway: Sighting,
    /// Whether addresses in the internet answer.
    pub internet: Sighting,
    /// Whether the resolver answers.
    pub dns: Sighting,
    /// What tailscaled says of itself.
    pub daemon: Daemon,
    /// Whether the control plane is connected (`Self.Online` of the status; its health keeps silent for eight minutes).
    pub control: Sighting,
    /// Whether any relay answers.
    pub derp: Sighting,
    /// When the node's key expires.
    pub key_expires: Option<Moment>,
    /// Whether peers answer through the tunnel, by name.
    pub peers: BTreeMap<String, Sighting>,
    /// The exit node in use.
    pub exit_node: Option<ExitNode>,
    /// Whether prefixes are reached through their routers.
    pub routers: BTreeMap<Prefix, Through>,
    /// Whether services answer.
    pub services: BTreeMap<ServiceName, Through>,
}

/// What tailscaled says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Daemon {
    /// It is up (`Running`).
    Runs,
    /// It is not.
    Broken(DaemonFault),
    /// It was not asked yet.
    #[default]
    Unknown,
}

/// The exit node in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitNode {
    /// Its name.
    pub name: String,
    /// Whether what is sent through it arrives in the internet.
    pub egress: Sighting,
    /// Whether that cannot be measured without a resolver.
    pub by_name: bool,
}

/// Something that is reached through a peer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Through {
    /// The peer's name, where it is known.
    pub peer: Option<String>,
    /// Whether it is reached.
    pub reached: Sighting,
}
