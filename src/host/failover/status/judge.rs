//! How it is, out of what the monitor says.

use super::seen::{ChosenBy, FailoverSeen, FailureSeen, Manner, MonitorSeen, ReadingSeen, SettingSeen, SubjectSeen};
use crate::host::failover::reasons::{not_answering, not_running, reasons};
use crate::host::failover::words::word;
use crate::host::firewall::moment::WallTime;
use crate::host::monitor::control::Unreached;
use crate::host::show::{Reason, State, sort, worst};
use crate::host::tailnet::when::written;
use crate::monitor::failover::{Mode, Setting};
use crate::monitor::probe::PathClass;
use crate::monitor::{Moment, Reading, Report, SettingReport, SubjectReport, Verdict};

/// A monitor that did not answer.
pub(super) fn unreached(why: &Unreached, now: WallTime) -> FailoverSeen {
    let reason = match why {
        Unreached::Away => not_running(),
        Unreached::Denied(said) => {
            Reason::new(State::CannotTell, said.as_str()).command("ls -l /run/tailwright-monitor")
        }
        Unreached::Impossible(_) | Unreached::Silent(_) => not_answering(why),
    };
    FailoverSeen {
        taken: now.to_string(),
        state: reason.state,
        reasons: vec![reason],
        monitor: None,
        subjects: Vec::new(),
        failures: Vec::new(),
        readings: Vec::new(),
    }
}

/// How it is.
pub(super) fn judge(report: &Report) -> FailoverSeen {
    let mut reasons = reasons(report);
    sort(&mut reasons);
    FailoverSeen {
        taken: time(report.at),
        state: worst(&reasons),
        reasons,
        monitor: Some(monitor(report)),
        subjects: report.subjects.iter().map(|about| subject(about, report)).collect(),
        failures: report
            .diagnosis
            .failures
            .iter()
            .map(|failure| FailureSeen {
                layer: failure.layer.to_string(),
                follows_from: failure.follows_from.as_ref().map(ToString::to_string),
            })
            .collect(),
        readings: report.readings.iter().map(reading).collect(),
    }
}

fn monitor(report: &Report) -> MonitorSeen {
    MonitorSeen {
        host: report.host.to_string(),
        mode: match report.mode {
            Mode::Act => Manner::Acts,
            Mode::DryRun => Manner::Rehearses,
            Mode::Report => Manner::Reports,
        },
        since: time(report.since),
        check_interval_millis: report.check_interval.as_millis(),
        paused: report.pause.is_some(),
        paused_until: report.pause.and_then(|pause| pause.until).map(time),
        maintenance_until: report.maintenance_until.map(time),
        last_move: report.last_move.map(time),
        moves: report.counts.moves,
        moves_failed: report.counts.moves_failed,
        running_seconds: report.at.since(report.since).as_secs(),
        last_move_seconds: report.last_move.map(|at| report.at.since(at).as_secs()),
    }
}

fn subject(about: &SubjectReport, report: &Report) -> SubjectSeen {
    let until = about
        .obstacle
        .as_ref()
        .and_then(crate::monitor::failover::Obstacle::until);
    SubjectSeen {
        subject: about.subject.to_string(),
        phase: about.phase.to_string(),
        in_force: about.standing.to_string(),
        since: time(about.since),
        wanted: about.wanted.as_ref().map(ToString::to_string),
        chosen_by: ChosenBy::of(about),
        chosen_until: about.chosen.as_ref().and_then(|chosen| chosen.until).map(time),
        next: about.next.as_ref().map(ToString::to_string),
        waits_for: about.obstacle.as_ref().map(ToString::to_string),
        waits_until: until.map(time),
        refused: about.refused.clone(),
        settings: about
            .settings
            .iter()
            .map(|listed| setting(listed, &about.standing, report))
            .collect(),
        since_seconds: report.at.since(about.since).as_secs(),
        waits_seconds: until.map(|until| until.since(report.at).as_secs()),
    }
}

fn setting(listed: &SettingReport, standing: &Setting, report: &Report) -> SettingSeen {
    SettingSeen {
        setting: listed.setting.to_string(),
        word: word(&listed.setting),
        in_force: listed.setting == *standing,
        level: listed.level.name().to_owned(),
        since: listed.since.map(time),
        fault: listed.fault.as_ref().map(ToString::to_string),
        bad_in_a_row: listed.bad_in_a_row,
        held_until: listed.held_until.map(time),
        since_seconds: listed.since.map(|since| report.at.since(since).as_secs()),
        held_seconds: listed.held_until.map(|until| until.since(report.at).as_secs()),
    }
}

fn reading(reading: &Reading) -> ReadingSeen {
    let (verdict, fault) = match &reading.verdict {
        Some(Verdict::Good) => ("good", None),
        Some(Verdict::Degraded(fault)) => ("degraded", Some(fault.to_string())),
        Some(Verdict::Down(fault)) => ("down", Some(fault.to_string())),
        Some(Verdict::Unknown) | None => ("unknown", None),
    };
    let statistics = &reading.statistics;
    ReadingSeen {
        target: reading.target.clone(),
        kind: reading.kind.clone(),
        path: reading.path.as_ref().map(|path| match path {
            PathClass::Direct => "direct".to_owned(),
            PathClass::PeerRelay => "relay".to_owned(),
            PathClass::Derp(region) => format!("DERP {region}"),
        }),
        verdict: verdict.to_owned(),
        fault,
        sent: statistics.sent,
        lost: statistics.lost,
        p50_millis: millis(statistics.p50),
        p95_millis: millis(statistics.p95),
        jitter_millis: millis(statistics.jitter),
    }
}

/// Milliseconds, to the hundredth.
#[allow(clippy::cast_precision_loss, reason = "a round trip of 2^52 µs is none")]
fn millis(micros: Option<u64>) -> Option<f64> {
    micros.map(|micros| (micros as f64 / 10.0).round() / 100.0)
}

fn time(moment: Moment) -> String {
    written(moment.as_millis() / 1_000)
}
