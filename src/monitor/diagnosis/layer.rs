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
    #[serde(rename = "tailscaled", alias = "daemon")]
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

impl Layer {
    /// The kinds of layers, from the bottom up.
    pub const KINDS: [&str; 11] = [
        "link",
        "gateway",
        "internet",
        "dns",
        "tailscaled",
        "control",
        "derp",
        "peer",
        "exit-node",
        "subnet-router",
        "service",
    ];

    /// Which kind of layer it is, in one word for programs. It never contains a name that others chose.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Gateway => "gateway",
            Self::Internet => "internet",
            Self::Dns => "dns",
            Self::Daemon(_) => "tailscaled",
            Self::Control => "control",
            Self::Derp => "derp",
            Self::Peer(_) => "peer",
            Self::ExitNode(_) => "exit-node",
            Self::SubnetRouter(_) => "subnet-router",
            Self::Service(_) => "service",
        }
    }

    /// What to type on the host where it has failed: the command that mends it, or that shows more. No name that others
    /// chose is part of it.
    pub const fn command(&self) -> &'static str {
        match self {
            Self::Link => "ip -brief link",
            Self::Gateway => "ip route",
            Self::Internet => "ip route get 1.1.1.1",
            Self::Dns => "tsctl doctor resolver",
            Self::Daemon(fault) => fault.command(),
            Self::Control => "tailscale netcheck",
            Self::Derp | Self::Peer(_) | Self::SubnetRouter(_) | Self::Service(_) => "tsctl quality",
            Self::ExitNode(_) => "tsctl doctor exit-node",
        }
    }
}

impl DaemonFault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::NotRunning,
        Self::Unreadable,
        Self::Starting,
        Self::Stopped,
        Self::NeedsLogin,
        Self::NeedsApproval,
        Self::KeyExpired,
    ];

    /// Logs in again and leaves every preference as it is. `tailscale up` refuses where it does not repeat every preference
    /// that is not the default, `tailscale up --reset` puts them back to it, and `tailscale login` begins a profile without
    /// them (`cmd/tailscale/cli/{up,login}.go` of tailscale).
    pub const LOG_IN: &str = "sudo tsctl auth --login";

    /// Which fault it is, in one word for programs.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::NotRunning => "not-running",
            Self::Unreadable => "unreadable",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::NeedsLogin => "needs-login",
            Self::NeedsApproval => "needs-approval",
            Self::KeyExpired => "key-expired",
        }
    }

    /// What to type: the command that mends it, or that shows more.
    pub const fn command(self) -> &'static str {
        match self {
            Self::NotRunning => "systemctl status tailscaled",
            Self::Unreadable => "journalctl -u tailwright-monitor -n 20",
            Self::Starting => "journalctl -u tailscaled -n 50",
            // Without flags it changes no preference. Of a node that waits it prints where an administrator approves it.
            Self::Stopped | Self::NeedsApproval => "sudo tailscale up",
            Self::NeedsLogin | Self::KeyExpired => Self::LOG_IN,
        }
    }
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
            Self::ExitNode(name) => write!(f, "what is sent through the exit node {name} does not arrive"),
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
            Self::Stopped => "tailscaled is stopped",
            Self::NeedsLogin => "tailscaled needs a login",
            Self::NeedsApproval => "the node waits for an administrator's approval",
            Self::KeyExpired => "the node's key has expired",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_for_programs_is_the_one_on_disk() {
        let name = |text: &str| text.parse::<ServiceName>().unwrap();
        let mut layers = vec![
            Layer::Link,
            Layer::Gateway,
            Layer::Internet,
            Layer::Dns,
            Layer::Daemon(DaemonFault::Stopped),
            Layer::Control,
            Layer::Derp,
            Layer::Peer("gate".to_owned()),
            Layer::ExitNode("gate".to_owned()),
            Layer::SubnetRouter("10.0.0.0/8".parse().unwrap()),
            Layer::Service(name("db")),
        ];
        let kinds: Vec<&str> = layers.iter().map(Layer::kind).collect();
        assert_eq!(kinds, Layer::KINDS);
        layers.extend(DaemonFault::ALL.map(Layer::Daemon));
        for layer in layers {
            let text = serde_json::to_string(&layer).unwrap();
            assert!(text.contains(&format!("\"{}\"", layer.kind())), "{text}");
            if let Layer::Daemon(fault) = layer {
                assert_eq!(text, format!("{{\"tailscaled\":\"{}\"}}", fault.kind()));
            }
            assert_eq!(serde_json::from_str::<Layer>(&text).unwrap(), layer);
        }
        let former: Layer = serde_json::from_str("{\"daemon\":\"stopped\"}").unwrap();
        assert_eq!(former, Layer::Daemon(DaemonFault::Stopped));
    }
}
