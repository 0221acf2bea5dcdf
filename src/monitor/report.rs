//! What the monitor says of itself, to commands and to those who count.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::diagnosis::Diagnosis;
use super::failover::{Alarm, Health, Mode, Obstacle, Override, Pause, Phase, Plan, Setting, State, Subject};
use super::probe::{PathClass, Statistics};
use super::{Fault, Level, Moment, Verdict};
use crate::net::{HostName, TimeSpan};

/// What the monitor knows and does at one moment: what `tsctl failover status` shows, and what the metrics count.
///
/// It travels between two programs that may be of different ages: fields that the reader does not know are passed over,
/// those that are missing have a meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it was made.
    pub at: Moment,
    /// Since when the monitor runs.
    pub since: Moment,
    /// The host.
    pub host: HostName,
    /// Whether it acts, rehearses or only reports.
    pub mode: Mode,
    /// Between two checks.
    pub check_interval: TimeSpan,
    /// What it may change, and where that stands.
    #[serde(default)]
    pub subjects: Vec<SubjectReport>,
    /// Whether moves are paused.
    #[serde(default)]
    pub pause: Option<Pause>,
    /// When the maintenance window ends that is open now.
    #[serde(default)]
    pub maintenance_until: Option<Moment>,
    /// Which layers have failed, and which of these only follow.
    #[serde(default)]
    pub diagnosis: Diagnosis,
    /// What people have been told and not been told to be over.
    #[serde(default)]
    pub alarms: BTreeSet<Alarm>,
    /// What is measured.
    #[serde(default)]
    pub readings: Vec<Reading>,
    /// The last move of any subject, or the last attempt at one.
    #[serde(default)]
    pub last_move: Option<Moment>,
    /// What has been counted since the monitor runs.
    #[serde(default)]
    pub counts: Counts,
}

/// Where one subject stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectReport {
    /// The subject.
    pub subject: Subject,
    /// Where it stands, in one word.
    pub phase: Phase,
    /// What is in force.
    pub standing: Setting,
    /// Since when.
    pub since: Moment,
    /// What the profile wants to be in force, where it says so.
    #[serde(default)]
    pub wanted: Option<Setting>,
    /// Who chose what is in force, where somebody did.
    #[serde(default)]
    pub chosen: Option<Override>,
    /// What would be put in force next.
    #[serde(default)]
    pub next: Option<Setting>,
    /// What stands against that.
    #[serde(default)]
    pub obstacle: Option<Obstacle>,
    /// Why the last change was refused.
    #[serde(default)]
    pub refused: Option<String>,
    /// What is in force and everything that may be, the most preferred first.
    #[serde(default)]
    pub settings: Vec<SettingReport>,
}

/// How one setting is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingReport {
    /// The setting.
    pub setting: Setting,
    /// How it is doing.
    pub level: Level,
    /// Since when.
    #[serde(default)]
    pub since: Option<Moment>,
    /// The last fault that was seen, where it is not good now.
    #[serde(default)]
    pub fault: Option<Fault>,
    /// Bad checks in a row, up to now.
    #[serde(default)]
    pub bad_in_a_row: u32,
    /// It was left because it failed, and is held down until then.
    #[serde(default)]
    pub held_until: Option<Moment>,
}

/// What the checks of one target say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// What is measured, in the words of the settings: unique, and never made from what others say.
    pub target: String,
    /// How it is measured: `ping`, `tcp`, `http`, `dns`, `egress`, `stun`, `gateway`, `internet`.
    pub kind: String,
    /// The last checks together.
    pub statistics: Statistics,
    /// By which way packets reach it, where that is known.
    #[serde(default)]
    pub path: Option<PathClass>,
    /// What the last check says; `None` before the first.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// When that was.
    #[serde(default)]
    pub at: Option<Moment>,
}

/// What has been counted since the monitor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Probes that were sent.
    pub probes: u64,
    /// Of these, those that failed.
    pub probes_failed: u64,
    /// Moves that were made.
    pub moves: u64,
    /// Moves that were refused or went unanswered.
    pub moves_failed: u64,
    /// Restarts of tailscaled.
    pub restarts: u64,
    /// How often tailscaled was lost.
    pub daemon_lost: u64,
    /// Times that the state could not be written.
    pub saves_failed: u64,
    /// Messages to people that were delivered.
    pub alerts_sent: u64,
    /// Attempts to deliver one that failed.
    pub alerts_failed: u64,
    /// Messages that were refused and given up: their receiver will never have them.
    pub alerts_given_up: u64,
    /// Messages that wait to be delivered.
    pub alerts_waiting: u64,
}

impl SubjectReport {
    /// Where the subjects of the state stand.
    pub fn of(plan: &Plan, state: &State, now: Moment) -> Vec<Self> {
        let subjects = state.tracks().iter();
        subjects
            .filter_map(|track| {
                let subject = track.standing().subject();
                let ladder = plan.ladders.get(&subject);
                let wanted = ladder.and_then(|ladder| ladder.home.clone());
                let (next, obstacle) = state.prospect(plan, &subject, now);
                let mut listed: Vec<Setting> = wanted.clone().into_iter().collect();
                let rungs = ladder.into_iter().flat_map(|ladder| &ladder.rungs);
                listed.extend(rungs.map(|rung| rung.setting.clone()));
                if !listed.contains(track.standing()) {
                    listed.insert(0, track.standing().clone());
                }
                Some(Self {
                    phase: state.phase(plan, &subject, now)?,
                    standing: track.standing().clone(),
                    since: track.since(),
                    wanted,
                    chosen: track.chosen().cloned(),
                    next,
                    obstacle,
                    refused: track.refused().map(str::to_owned),
                    settings: listed
                        .into_iter()
                        .map(|setting| {
                            let health = track.health(&setting);
                            SettingReport {
                                level: track.level(&setting),
                                since: health.map(Health::since),
                                fault: health
                                    .filter(|health| health.level().is_bad() || health.bad_in_a_row() > 0)
                                    .and_then(|health| health.fault().cloned()),
                                bad_in_a_row: health.map_or(0, Health::bad_in_a_row),
                                held_until: track
                                    .penalty(&setting)
                                    .map(|penalty| penalty.held_until(plan.hold_down, plan.max_hold_down))
                                    .filter(|until| *until > now),
                                setting,
                            }
                        })
                        .collect(),
                    subject,
                })
            })
            .collect()
    }
}
