//! What the machine may do, and how eagerly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ladder::Ladders;
use super::{Ladder, Safety, Setting, Subject, Threshold};
use crate::model::{MonitorSettings, Share};
use crate::monitor::Moment;
use crate::net::{TimeSpan, WeeklyWindow};

/// The settings of the machine. They may change between two steps ([`Event::Reloaded`](super::Event::Reloaded)).
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Whether it acts.
    pub mode: Mode,
    /// What may be in force, by subject.
    pub ladders: BTreeMap<Subject, Ladder>,
    /// How many bad checks make a way bad.
    pub fall: Threshold,
    /// How many good checks make a bad way good.
    pub rise: Threshold,
    /// How long what failed is not wanted again; doubled with each further time.
    pub hold_down: TimeSpan,
    /// The longest of these times.
    pub max_hold_down: TimeSpan,
    /// How long a setting stays in force before it is left for being slow or lossy, or for a better one. What carries
    /// nothing is left earlier.
    pub min_dwell: TimeSpan,
    /// At most one move within this time, of all subjects together.
    pub move_window: TimeSpan,
    /// How long a better one has been good before it is returned to; `None`: only the operator returns.
    pub return_after: Option<TimeSpan>,
    /// How long a new setting is on trial: if it turns out worse than what was left, the move is undone.
    pub trial: TimeSpan,
    /// Whether and when tailscaled may be restarted.
    pub restart: Option<RestartLimit>,
    /// What becomes of the changes when the program is stopped.
    pub on_stop: OnStop,
    /// When no moves are made and no new alarms are raised.
    pub maintenance: Vec<WeeklyWindow>,
    /// How the operator gets in.
    pub safety: Safety,
    /// Whether what an exit node forwards cannot be measured without a resolver.
    pub egress_by_name: bool,
}

/// Whether the machine acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It reports what is wrong (`enableAutoFailover = false`). It only puts back what an earlier plan let it change.
    Report,
    /// It writes down what it would do, and does not do it.
    DryRun,
    /// It acts.
    Act,
}

/// What becomes of the changes when the program is stopped or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStop {
    /// The preferences are put back as they were found.
    Restore,
    /// They stay.
    Keep,
}

/// When tailscaled may be restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartLimit {
    /// Its place among the rungs of all subjects.
    pub rank: u32,
    /// At least this long after the last time.
    pub interval: TimeSpan,
    /// So many times within 24 hours.
    pub per_day: u32,
}

/// How long an action may take before it is asked what became of it.
pub(super) const ANSWER: TimeSpan = TimeSpan::constant_millis(10_000);
/// How often that is asked before other subjects no longer wait for it.
pub(super) const PATIENCE: u32 = 3;
/// How long the bus may still report what was in force before a change.
pub(super) const SETTLE: TimeSpan = TimeSpan::constant_millis(2_000);
/// How long tailscaled may take to come back.
pub(super) const RESTART: TimeSpan = TimeSpan::constant_millis(60_000);
/// How long until writing the state is tried again.
pub(super) const SAVE_AGAIN: TimeSpan = TimeSpan::constant_millis(30_000);
/// A day.
pub(super) const DAY: TimeSpan = TimeSpan::constant_millis(86_400_000);

impl Plan {
    /// The plan of a host with these settings.
    pub fn of(settings: &MonitorSettings) -> Self {
        let failover = &settings.failover;
        let ladders = Ladders::of(settings);
        let checks = settings.failure_threshold.saturating_add(1).saturating_mul(2);
        let trial = settings
            .check_interval
            .as_millis()
            .saturating_mul(u64::from(checks))
            .saturating_add(failover.move_window.as_millis());
        Self {
            mode: match (settings.auto_failover, failover.dry_run) {
                (_, true) => Mode::DryRun,
                (true, false) => Mode::Act,
                (false, false) => Mode::Report,
            },
            ladders: ladders.by_subject,
            fall: threshold(settings.failure_threshold, failover.failure_share),
            rise: threshold(settings.recovery_threshold, failover.recovery_share),
            hold_down: failover.hold_down,
            max_hold_down: failover.max_hold_down,
            min_dwell: failover.min_dwell,
            move_window: failover.move_window,
            return_after: failover.return_after,
            trial: TimeSpan::from_millis(trial).unwrap_or(DAY),
            restart: ladders.restart_rank.map(|rank| RestartLimit {
                rank,
                interval: failover.restart_interval,
                per_day: failover.restarts_per_day,
            }),
            on_stop: if failover.restore_on_stop {
                OnStop::Restore
            } else {
                OnStop::Keep
            },
            maintenance: failover.maintenance_windows.clone(),
            safety: Safety {
                management: settings.management.clone(),
                tailnet: settings.interface.clone(),
                lan_beside_exit_node: settings.exit_node_lan_access,
            },
            egress_by_name: settings.probes.egress.needs_names(),
        }
    }

    /// When the maintenance window ends that is open now.
    pub fn maintenance_until(&self, now: Moment) -> Option<Moment> {
        self.maintenance
            .iter()
            .filter_map(|window| window.open_until(now.as_millis()))
            .max()
            .map(Moment::from_millis)
    }

    /// Whether this setting may be in force by the machine's or the operator's choice.
    pub(super) fn lists(&self, setting: &Setting) -> bool {
        self.ladders
            .get(&setting.subject())
            .is_some_and(|ladder| ladder.lists(setting))
    }
}

fn threshold(consecutive: u32, share: Option<Share>) -> Threshold {
    let threshold = Threshold::consecutive(consecutive);
    match share {
        Some(Share { count, of }) => threshold.or_of(count, of),
        None => threshold,
    }
}
