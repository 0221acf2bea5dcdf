//! What is said of an alarm besides its name.

use crate::model::Severity;
use crate::monitor::diagnosis::{DaemonFault, Layer};
use crate::monitor::failover::Alarm;

/// How much an alarm matters.
pub fn severity(alarm: &Alarm) -> Severity {
    match alarm {
        Alarm::Layer(layer) => match layer {
            // It comes up, or connections that exist go on.
            Layer::Daemon(DaemonFault::Starting)
            | Layer::Control
            | Layer::Derp
            | Layer::Peer(_)
            | Layer::SubnetRouter(_)
            | Layer::Service(_) => Severity::Warning,
            Layer::Link | Layer::Gateway | Layer::Internet | Layer::Dns | Layer::Daemon(_) | Layer::ExitNode(_) => {
                Severity::Critical
            }
        },
        Alarm::Stuck(_) | Alarm::StateUnwritable => Severity::Critical,
        // It is being left, or it is not allowed to be.
        Alarm::Failing(_) | Alarm::Away(_) | Alarm::Refused(_) => Severity::Warning,
        Alarm::ChangedByHand(_) => Severity::Info,
    }
}

/// One word for programs: the kind of an alarm. It never contains a name that others chose.
pub fn word(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::Layer(layer) => match layer {
            Layer::Link => "link",
            Layer::Gateway => "gateway",
            Layer::Internet => "internet",
            Layer::Dns => "dns",
            Layer::Daemon(_) => "tailscaled",
            Layer::Control => "control",
            Layer::Derp => "derp",
            Layer::Peer(_) => "peer",
            Layer::ExitNode(_) => "exit-node",
            Layer::SubnetRouter(_) => "subnet-router",
            Layer::Service(_) => "service",
        },
        Alarm::Failing(_) => "failing",
        Alarm::Stuck(_) => "stuck",
        Alarm::Away(_) => "away",
        Alarm::ChangedByHand(_) => "changed-by-hand",
        Alarm::Refused(_) => "refused",
        Alarm::StateUnwritable => "state-unwritable",
    }
}

/// What an alarm is about, where there is more than one thing that it can be about: the name of a peer, a prefix, a
/// subject.
pub fn about(alarm: &Alarm) -> Option<String> {
    match alarm {
        Alarm::Layer(Layer::Peer(name) | Layer::ExitNode(name)) => Some(name.clone()),
        Alarm::Layer(Layer::SubnetRouter(prefix)) => Some(prefix.to_string()),
        Alarm::Layer(Layer::Service(name)) => Some(name.to_string()),
        Alarm::Failing(subject)
        | Alarm::Stuck(subject)
        | Alarm::Away(subject)
        | Alarm::ChangedByHand(subject)
        | Alarm::Refused(subject) => Some(subject.to_string()),
        Alarm::Layer(
            Layer::Link
            | Layer::Gateway
            | Layer::Internet
            | Layer::Dns
            | Layer::Daemon(_)
            | Layer::Control
            | Layer::Derp,
        )
        | Alarm::StateUnwritable => None,
    }
}

/// What to type next on the host. No name that others chose is part of it.
pub(super) fn command(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::Layer(layer) => match layer {
            Layer::Link => "ip -brief link",
            Layer::Gateway => "ip route get 1.1.1.1",
            Layer::Internet | Layer::Dns | Layer::Service(_) | Layer::SubnetRouter(_) => "tsctl doctor",
            Layer::Daemon(DaemonFault::NotRunning | DaemonFault::Starting) => "systemctl status tailscaled",
            Layer::Daemon(DaemonFault::Unreadable) => "journalctl -u tailwright-monitor -n 20",
            Layer::Daemon(DaemonFault::Stopped | DaemonFault::NeedsLogin) => "sudo tailscale up",
            Layer::Daemon(DaemonFault::KeyExpired) => "sudo tailscale up --force-reauth",
            Layer::Daemon(DaemonFault::NeedsApproval) | Layer::Control => "tsctl status",
            Layer::Derp | Layer::Peer(_) => "tsctl quality",
            Layer::ExitNode(_) => "tsctl failover status",
        },
        Alarm::Failing(_) | Alarm::Refused(_) => "tsctl failover status",
        Alarm::Stuck(_) | Alarm::Away(_) => "tsctl why",
        Alarm::ChangedByHand(_) => "tsctl failover resume",
        Alarm::StateUnwritable => "df -h /var/lib/tailwright-monitor",
    }
}
