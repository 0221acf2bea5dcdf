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
        // It works still, is being left, or is not allowed to be.
        Alarm::KeyExpires(_) | Alarm::Failing(_) | Alarm::Away(_) | Alarm::Refused(_) => Severity::Warning,
        Alarm::ChangedByHand(_) => Severity::Info,
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
        | Alarm::KeyExpires(_)
        | Alarm::StateUnwritable => None,
    }
}

/// What to type next on the host. No name that others chose is part of it.
pub fn command(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::Layer(layer) => layer.command(),
        Alarm::KeyExpires(_) => DaemonFault::LOG_IN,
        Alarm::Failing(_) | Alarm::Refused(_) => "tsctl failover status",
        // The decisions are open to the monitor's user and to root alone.
        Alarm::Stuck(_) | Alarm::Away(_) => "sudo tsctl why",
        Alarm::ChangedByHand(_) => "sudo tsctl failover resume",
        Alarm::StateUnwritable => "df -h /var/lib/tailwright-monitor",
    }
}
