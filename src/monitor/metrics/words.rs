//! The words that labels are made of: few, and none of them chosen by somebody else in the tailnet.

use crate::monitor::failover::{ExitNodeUse, Mode, Setting};
use crate::monitor::{Level, Verdict};

pub(super) const MODES: [Mode; 3] = [Mode::Report, Mode::DryRun, Mode::Act];

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Report => "report",
        Mode::DryRun => "dry-run",
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

/// A setting in the words of the settings; one that somebody else chose has no name of its own.
pub(super) fn setting(setting: &Setting) -> String {
    match setting {
        Setting::ExitNode(ExitNodeUse::Other(_)) => "other exit node".to_owned(),
        other => other.to_string(),
    }
}
