//! The layers that a connection rests on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::net::{Prefix, ServiceName};

/// A layer that can fail, from the bottom up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// No interface that leads out is up.
    Link,
    /// The router of the local network.
    Gateway,
    /// The internet, measured around the tunnel and by address.
    Internet,
    /// The resolver, measured around the tunnel.
    Dns,
    /// tailscaled itself.
    Daemon(DaemonFault),
    /// The control plane. Connections that exist go on without it.
    Control,
    /// Every relay (DERP). Direct connections go on without them.
    Derp,
    /// A peer, by its name.
    Peer(String),
    /// The exit node in use, by its name: what is sent through it does not arrive.
    ExitNode(String),
    /// The router of a prefix.
    SubnetRouter(Prefix),
    /// A service on another host.
    Service(ServiceName),
}

/// What is wrong with tailscaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DaemonFault {
    /// It does not run, or does not answer.
    NotRunning,
    /// It cannot be asked, and may well run: its socket may not be opened, or its answers are not understood.
    Unreadable,
    /// It runs and has not come up (`NoState`, `Starting`).
    Starting,
    /// Somebody took it down (`tailscale down`, `WantRunning` false).
    Stopped,
    /// It wants a login (`NeedsLogin`).
    NeedsLogin,
    /// The node waits for an administrator's approval (`NeedsMachineAuth`).
    NeedsApproval,
    /// The node's key has expired.
    KeyExpired,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("no network interface is up"),
            Self::Gateway => f.write_str("the router of the local network does not answer"),
            Self::Internet => f.write_str("the internet is not reached"),
            Self::Dns => f.write_str("names are not resolved"),
            Self::Daemon(fault) => fault.fmt(f),
            Self::Control => f.write_str("the control plane is not reached"),
            Self::Derp => f.write_str("no relay (DERP) is reached"),
            Self::Peer(name) => write!(f, "the peer {name} does not answer"),
            Self::ExitNode(name) => write!(f, "the exit node {name} forwards nothing"),
            Self::SubnetRouter(prefix) => write!(f, "{prefix} is not reached through its router"),
            Self::Service(name) => write!(f, "the service {name} does not answer"),
        }
    }
}

impl fmt::Display for DaemonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRunning => "tailscaled does not run or does not answer",
            Self::Unreadable => {
                "tailscaled cannot be asked: its socket is closed to the monitor, or it is not understood"
            }
            Self::Starting => "tailscaled has not come up",
            Self::Stopped => "tailscaled is stopped (`tailscale up` starts it)",
            Self::NeedsLogin => "tailscaled needs a login (`tailscale up`)",
            Self::NeedsApproval => "the node waits for an administrator's approval",
            Self::KeyExpired => "the node's key has expired (`tailscale up --force-reauth`)",
        })
    }
}
