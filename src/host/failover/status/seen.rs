//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::show::{Reason, State};
use crate::monitor::SubjectReport;
use crate::monitor::failover::Chosen;

/// What `tsctl failover status --json` prints. Times of day are in UTC (RFC 3339), spans in milliseconds; what is not known is
/// null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl failover status")]
pub(crate) struct FailoverSeen {
    /// When it was taken.
    pub(super) taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// The monitor; null where it did not answer.
    pub(super) monitor: Option<MonitorSeen>,
    /// What it may change, and where that stands.
    pub(super) subjects: Vec<SubjectSeen>,
    /// Which layers have failed.
    pub(super) failures: Vec<FailureSeen>,
    /// What is measured.
    pub(super) readings: Vec<ReadingSeen>,
}

/// The monitor itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MonitorSeen {
    /// The host.
    pub(super) host: String,
    /// Whether it acts.
    pub(super) mode: Manner,
    /// Since when it runs.
    pub(super) since: String,
    /// Between two checks.
    pub(super) check_interval_millis: u64,
    /// Whether moves are paused.
    pub(super) paused: bool,
    /// When the pause ends by itself.
    pub(super) paused_until: Option<String>,
    /// When the maintenance window ends that is open now.
    pub(super) maintenance_until: Option<String>,
    /// The last move, or the last attempt at one.
    pub(super) last_move: Option<String>,
    /// Moves since it runs.
    pub(super) moves: u64,
    /// Moves that were refused or went unanswered.
    pub(super) moves_failed: u64,
    #[serde(skip)]
    pub(super) running_seconds: u64,
    #[serde(skip)]
    pub(super) last_move_seconds: Option<u64>,
}

/// Whether the monitor acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Manner {
    /// It acts.
    Acts,
    /// It writes down what it would do.
    Rehearses,
    /// It reports.
    Reports,
}

/// Where one subject stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubjectSeen {
    /// `exit node`, `routes`, `tunnel`, `service NAME`.
    pub(super) subject: String,
    /// `home`, `waiting`, `moving`, `trial`, `away`, `stuck`, `overridden` (docs/failover.md).
    pub(super) phase: String,
    /// What is in force.
    pub(super) in_force: String,
    /// Since when.
    pub(super) since: String,
    /// What the settings want.
    pub(super) wanted: Option<String>,
    /// Who chose what is in force.
    pub(super) chosen_by: ChosenBy,
    /// When a choice ends by itself.
    pub(super) chosen_until: Option<String>,
    /// What would be put in force next.
    pub(super) next: Option<String>,
    /// What stands against that.
    pub(super) waits_for: Option<String>,
    /// When that is over.
    pub(super) waits_until: Option<String>,
    /// Why the last change was refused.
    pub(super) refused: Option<String>,
    /// What is in force and everything that may be.
    pub(super) settings: Vec<SettingSeen>,
    #[serde(skip)]
    pub(super) since_seconds: u64,
    #[serde(skip)]
    pub(super) waits_seconds: Option<u64>,
}

/// Who chose what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChosenBy {
    /// The settings want it.
    Settings,
    /// The monitor.
    Monitor,
    /// The operator, by `tsctl failover switch`.
    Operator,
    /// Somebody who changed the preference by hand.
    Hand,
}

impl ChosenBy {
    /// Who chose what is in force there.
    pub(crate) fn of(about: &SubjectReport) -> Self {
        match &about.chosen {
            Some(chosen) if chosen.by == Chosen::Operator => Self::Operator,
            Some(_) => Self::Hand,
            None if about.wanted.as_ref().is_some_and(|wanted| *wanted != about.standing) => Self::Monitor,
            None => Self::Settings,
        }
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Settings => "as the settings want it",
            Self::Monitor => "by the monitor's choice",
            Self::Operator => "by the operator's choice",
            Self::Hand => "by somebody's hand",
        }
    }
}

/// How one setting is doing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingSeen {
    /// The setting.
    pub(super) setting: String,
    /// What `tsctl failover switch` wants for it; null where it cannot be switched to.
    pub(super) word: Option<String>,
    /// Whether it is in force.
    pub(super) in_force: bool,
    /// `good`, `degraded`, `down`, `unknown`.
    pub(super) level: String,
    /// Since when.
    pub(super) since: Option<String>,
    /// The last fault, where it is not good.
    pub(super) fault: Option<String>,
    /// Bad checks in a row.
    pub(super) bad_in_a_row: u32,
    /// It failed, and is held down until then.
    pub(super) held_until: Option<String>,
    #[serde(skip)]
    pub(super) since_seconds: Option<u64>,
    #[serde(skip)]
    pub(super) held_seconds: Option<u64>,
}

/// A layer that has failed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailureSeen {
    /// Which.
    pub(super) layer: String,
    /// What it only follows from; null where it is a cause.
    pub(super) follows_from: Option<String>,
}

/// What the checks of one target say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadingSeen {
    /// What is measured.
    pub(super) target: String,
    /// How.
    pub(super) kind: String,
    /// `direct`, `relay …`, `DERP …`; null where it cannot be told.
    pub(super) path: Option<String>,
    /// What the last check says: `good`, `degraded`, `down`, `unknown`.
    pub(super) verdict: String,
    /// What was wrong in it.
    pub(super) fault: Option<String>,
    /// How many were sent, of the last ones.
    pub(super) sent: u64,
    /// How many of these were not answered.
    pub(super) lost: u64,
    /// The median.
    pub(super) p50_millis: Option<f64>,
    /// 95 of 100 are not longer.
    pub(super) p95_millis: Option<f64>,
    /// The mean difference between one answer and the next.
    pub(super) jitter_millis: Option<f64>,
}
