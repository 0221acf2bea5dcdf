//! The words that labels are made of: few, and none of them chosen by somebody else in the tailnet.

use crate::monitor::diagnosis::{DaemonFault, Layer};
use crate::monitor::failover::{Alarm, ExitNodeUse, Mode, Setting};
use crate::monitor::probe::PathClass;
use crate::monitor::{Level, Verdict};

/// The kinds of layers, from the bottom up.
pub(super) const LAYERS: [&str; 11] = [
    "link",
    "gateway",
    "internet",
    "dns",
    "tailscaled",
    "control",
    "derp",
    "peer",
    "exit node",
    "subnet router",
    "service",
];

/// The kind of a layer: names of peers stay out of the labels.
pub(super) fn layer(layer: &Layer) -> &'static str {
    match layer {
        Layer::Link => "link",
        Layer::Gateway => "gateway",
        Layer::Internet => "internet",
        Layer::Dns => "dns",
        Layer::Daemon(_) => "tailscaled",
        Layer::Control => "control",
        Layer::Derp => "derp",
        Layer::Peer(_) => "peer",
        Layer::ExitNode(_) => "exit node",
        Layer::SubnetRouter(_) => "subnet router",
        Layer::Service(_) => "service",
    }
}

/// What can be wrong with tailscaled.
pub(super) const FAULTS: [DaemonFault; 7] = [
    DaemonFault::NotRunning,
    DaemonFault::Unreadable,
    DaemonFault::Starting,
    DaemonFault::Stopped,
    DaemonFault::NeedsLogin,
    DaemonFault::NeedsApproval,
    DaemonFault::KeyExpired,
];

pub(super) fn fault(fault: DaemonFault) -> &'static str {
    match fault {
        DaemonFault::NotRunning => "not running",
        DaemonFault::Unreadable => "unreadable",
        DaemonFault::Starting => "starting",
        DaemonFault::Stopped => "stopped",
        DaemonFault::NeedsLogin => "needs login",
        DaemonFault::NeedsApproval => "needs approval",
        DaemonFault::KeyExpired => "key expired",
    }
}

/// The kinds of alarms.
pub(super) const ALARMS: [&str; 7] = [
    "layer",
    "failing",
    "stuck",
    "away",
    "changed by hand",
    "refused",
    "state unwritable",
];

pub(super) fn alarm(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::Layer(_) => "layer",
        Alarm::Failing(_) => "failing",
        Alarm::Stuck(_) => "stuck",
        Alarm::Away(_) => "away",
        Alarm::ChangedByHand(_) => "changed by hand",
        Alarm::Refused(_) => "refused",
        Alarm::StateUnwritable => "state unwritable",
    }
}

pub(super) const MODES: [Mode; 3] = [Mode::Report, Mode::DryRun, Mode::Act];

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Report => "report",
        Mode::DryRun => "dry run",
        Mode::Act => "act",
    }
}

pub(super) const LEVELS: [Level; 4] = [Level::Good, Level::Degraded, Level::Down, Level::Unknown];

pub(super) fn level_of(verdict: Option<&Verdict>) -> Level {
    match verdict {
        Some(Verdict::Good) => Level::Good,
        Some(Verdict::Degraded(_)) => Level::Degraded,
        Some(Verdict::Down(_)) => Level::Down,
        Some(Verdict::Unknown) | None => Level::Unknown,
    }
}

/// The kinds of paths.
pub(super) const PATHS: [&str; 3] = ["direct", "peer relay", "derp"];

/// The kind of a path: the code of a relay stays out of the labels.
pub(super) fn path(path: &PathClass) -> &'static str {
    match path {
        PathClass::Direct => "direct",
        PathClass::PeerRelay => "peer relay",
        PathClass::Derp(_) => "derp",
    }
}

/// A setting in the words of the settings; one that somebody else chose has no name of its own.
pub(super) fn setting(setting: &Setting) -> String {
    match setting {
        Setting::ExitNode(ExitNodeUse::Other(_)) => "other exit node".to_owned(),
        other => other.to_string(),
    }
}
