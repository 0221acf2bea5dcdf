//! What the machine may change.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::ExitNodeChoice;
use crate::net::ServiceName;

/// Settings of one subject exclude each other: exactly one of them is in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Where traffic to the internet goes (`ExitNodeID`, `AutoExitNode`).
    ExitNode,
    /// Whether routes of the tailnet are accepted (`RouteAll`).
    Routes,
    /// By which address this host speaks to a service of another one.
    Service(ServiceName),
    /// Whether the tunnel is up (`WantRunning`).
    Tunnel,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExitNode => f.write_str("exit node"),
            Self::Routes => f.write_str("routes"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::Tunnel => f.write_str("tunnel"),
        }
    }
}

/// One value of something that the machine may change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Traffic to the internet goes this way.
    ExitNode(ExitNodeUse),
    /// Routes of the tailnet are accepted, or not.
    AcceptRoutes(bool),
    /// The service is spoken to by its address in the tailnet.
    TailnetAddress(ServiceName),
    /// The service is spoken to by its address on the local network.
    LanAddress(ServiceName),
    /// The tunnel is up, or down.
    Tunnel(bool),
}

/// The exit node in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitNodeUse {
    /// None: traffic to the internet goes around the tunnel.
    Off,
    /// A node of the settings, by the words of the settings. The driver knows which stable id that is.
    Node(ExitNodeChoice),
    /// A node that the settings do not name, by its stable id. Somebody else chose it; it is never applied.
    Other(String),
}

impl Setting {
    /// What it is a setting of.
    pub fn subject(&self) -> Subject {
        match self {
            Self::ExitNode(_) => Subject::ExitNode,
            Self::AcceptRoutes(_) => Subject::Routes,
            Self::TailnetAddress(name) | Self::LanAddress(name) => Subject::Service(name.clone()),
            Self::Tunnel(_) => Subject::Tunnel,
        }
    }

    /// Whether traffic leaves the protection of the tunnel under it.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::ExitNode(ExitNodeUse::Off) | Self::Tunnel(false))
    }

    /// Whether it cannot be measured while another setting is in force: a tunnel that is down answers nothing. It is tried
    /// again after a time, without a measurement.
    pub fn is_blind(&self) -> bool {
        matches!(self, Self::Tunnel(true))
    }

    /// Whether the machine may ever put it in force.
    pub fn can_be_applied(&self) -> bool {
        !matches!(self, Self::ExitNode(ExitNodeUse::Other(_)))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExitNode(ExitNodeUse::Off) => f.write_str("no exit node"),
            Self::ExitNode(ExitNodeUse::Node(choice)) => write!(f, "exit node {choice}"),
            Self::ExitNode(ExitNodeUse::Other(id)) => write!(f, "exit node {id}"),
            Self::AcceptRoutes(true) => f.write_str("routes accepted"),
            Self::AcceptRoutes(false) => f.write_str("routes not accepted"),
            Self::TailnetAddress(name) => write!(f, "{name} by its tailnet address"),
            Self::LanAddress(name) => write!(f, "{name} by its LAN address"),
            Self::Tunnel(true) => f.write_str("tunnel up"),
            Self::Tunnel(false) => f.write_str("tunnel down"),
        }
    }
}
