//! What is wrong, out of what the monitor says: the same in every command that asks it.

use crate::host::monitor::control::Unreached;
use crate::host::show::{Reason, State};
use crate::host::tailnet::when::{expires, span};
use crate::monitor::alert;
use crate::monitor::diagnosis::{DaemonFault, Failure, Layer, Notice};
use crate::monitor::failover::{Alarm, Chosen, Mode, Phase, Setting};
use crate::monitor::{Level, Moment, Report, SubjectReport};

/// What starts the monitor.
pub(in crate::host) const START: &str = "sudo systemctl start tailwright-monitor";
/// What ends pauses and choices.
const RESUME: &str = "sudo tsctl failover resume";

/// What is wrong, and what to type about it; hints have the state `good`.
pub(in crate::host) fn reasons(report: &Report) -> Vec<Reason> {
    let failures = report.diagnosis.failures.iter();
    let failures = failures
        .filter(|failure| !is_own_doing(failure, report))
        .filter_map(about_failure);
    let notices = report
        .diagnosis
        .notices
        .iter()
        .map(|notice| about_notice(*notice, report));
    failures.chain(notices).chain(besides(report)).collect()
}

/// The same for a command that asks tailscaled itself: without what tailscaled says of itself.
pub(in crate::host) fn reasons_besides_tailscaled(report: &Report) -> Vec<Reason> {
    let is_tailscaled = |failure: &&Failure| matches!(failure.layer, Layer::Daemon(_) | Layer::Control);
    let failures = report
        .diagnosis
        .failures
        .iter()
        .filter(|failure| !is_tailscaled(failure));
    failures.filter_map(about_failure).chain(besides(report)).collect()
}

/// That the monitor does not run: the same in every command. The host works, and nobody looks after it.
pub(in crate::host) fn not_running() -> Reason {
    let text = "the monitor does not run: nothing fails over, and nobody is told";
    Reason::new(State::Degraded, text).command(START)
}

/// That the monitor runs and does not answer as it should: what it would say cannot be told.
pub(in crate::host) fn not_answering(why: &Unreached) -> Reason {
    Reason::new(State::CannotTell, why.to_string()).command("journalctl -u tailwright-monitor -n 50")
}

/// What is neither a layer nor a notice.
fn besides(report: &Report) -> impl Iterator<Item = Reason> {
    let subjects = report
        .subjects
        .iter()
        .flat_map(|subject| about_subject(subject, report));
    subjects.chain(about_monitor(report))
}

/// Whether tailscaled is stopped because the monitor took the tunnel down, which is told besides.
fn is_own_doing(failure: &Failure, report: &Report) -> bool {
    let took_down = |subject: &SubjectReport| {
        let by_hand = matches!(&subject.chosen, Some(chosen) if chosen.by == Chosen::Hand);
        subject.standing == Setting::Tunnel(false) && !by_hand
    };
    failure.layer == Layer::Daemon(DaemonFault::Stopped) && report.subjects.iter().any(took_down)
}

/// Only causes: what follows from them is mended with them.
fn about_failure(failure: &Failure) -> Option<Reason> {
    if failure.follows_from.is_some() {
        return None;
    }
    let state = match &failure.layer {
        Layer::Daemon(DaemonFault::Starting)
        | Layer::Control
        | Layer::Derp
        | Layer::Peer(_)
        // What uses them is told about besides.
        | Layer::ExitNode(_)
        | Layer::SubnetRouter(_)
        | Layer::Service(_) => State::Degraded,
        Layer::Link | Layer::Gateway | Layer::Internet | Layer::Dns | Layer::Daemon(_) => State::Down,
    };
    Some(Reason::new(state, failure.layer.to_string()).command(failure.layer.command()))
}

fn about_notice(notice: Notice, report: &Report) -> Reason {
    let Notice::KeyExpires(at) = notice;
    let when = expires(at.as_millis() / 1_000, report.at.as_millis() / 1_000);
    let text = format!("the key of this node {when}");
    Reason::new(State::Degraded, text).command(DaemonFault::LOG_IN)
}

fn about_subject(subject: &SubjectReport, report: &Report) -> Vec<Reason> {
    let standing = subject
        .settings
        .iter()
        .find(|listed| listed.setting == subject.standing);
    let level = standing.map_or(Level::Unknown, |listed| listed.level);
    let broken = if level == Level::Down {
        State::Down
    } else {
        State::Degraded
    };
    let name = &subject.standing;
    let fault = standing.and_then(|listed| listed.fault.as_ref());
    let fault = fault.map_or_else(String::new, |fault| format!(": {fault}"));
    let mut reasons = Vec::new();
    match subject.phase {
        Phase::Home => {}
        Phase::Waiting | Phase::Stuck => {
            let waits = subject.obstacle.as_ref().map_or_else(String::new, |obstacle| {
                let left = obstacle
                    .until()
                    .map(|until| format!(" (for {} more)", left(until, report)));
                format!("; {obstacle}{}", left.unwrap_or_default())
            });
            let text = format!("{name} is {}{fault}{waits}", level.name());
            let alarm = Alarm::Stuck(subject.subject.clone());
            reasons.push(Reason::new(broken, text).command(alert::command(&alarm)));
        }
        Phase::Moving => {
            let text = format!("a change of the {} is being made", subject.subject);
            reasons.push(Reason::new(State::Degraded, text).command("tsctl failover status --watch"));
        }
        Phase::Trial | Phase::Away => {
            let wanted = subject.wanted.as_ref().map_or_else(String::new, |wanted| {
                let left = subject.settings.iter().find(|listed| listed.setting == *wanted);
                let fault = left.and_then(|left| left.fault.as_ref());
                let fault = fault.map_or_else(String::new, |fault| format!(", which failed: {fault}"));
                format!(" instead of {wanted}{fault}")
            });
            let text = format!("{name} is in force{wanted}");
            let alarm = Alarm::Away(subject.subject.clone());
            reasons.push(Reason::new(broken, text).command(alert::command(&alarm)));
        }
        Phase::Overridden => {
            let is_operators = matches!(&subject.chosen, Some(chosen) if chosen.by == Chosen::Operator);
            let by = if is_operators {
                "the operator"
            } else {
                "somebody who changed it by hand"
            };
            let until = subject.chosen.as_ref().and_then(|chosen| chosen.until);
            let until = until.map_or_else(String::new, |until| format!(" for {} more", left(until, report)));
            // What the operator wants is as it should be, as long as it works.
            let state = if is_operators && !level.is_bad() {
                State::Good
            } else {
                broken
            };
            let text = format!("{name} was chosen by {by}, and is left so{until}{fault}");
            reasons.push(Reason::new(state, text).command(RESUME));
        }
    }
    if let Some(refused) = &subject.refused {
        let text = format!("the last change of the {} was refused: {refused}", subject.subject);
        reasons.push(Reason::new(State::Degraded, text).command("sudo tsctl why"));
    }
    reasons
}

fn about_monitor(report: &Report) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let unwritable = Alarm::StateUnwritable;
    if report.alarms.contains(&unwritable) {
        reasons.push(Reason::new(State::Degraded, unwritable.to_string()).command(alert::command(&unwritable)));
    }
    if let Some(pause) = report.pause {
        let until = pause
            .until
            .map_or_else(String::new, |until| format!(" for {} more", left(until, report)));
        let text = format!("moves are paused{until}: nothing fails over");
        reasons.push(Reason::new(State::Degraded, text).command(RESUME));
    }
    if let Some(until) = report.maintenance_until {
        let text = format!(
            "a maintenance window is open for {} more: no moves are made",
            left(until, report)
        );
        reasons.push(Reason::new(State::Good, text));
    }
    match report.mode {
        Mode::Act => {}
        Mode::DryRun => reasons.push(Reason::new(
            State::Good,
            "the monitor only writes down what it would do (dry run)",
        )),
        Mode::Report => reasons.push(Reason::new(
            State::Good,
            "the monitor only reports: enableAutoFailover is off in the profile",
        )),
    }
    let is_told = |failure: &Failure| matches!(failure.layer, Layer::Daemon(_));
    if report.subjects.is_empty() && !report.diagnosis.failures.iter().any(is_told) {
        let text = "the monitor has not heard from tailscaled yet";
        reasons.push(Reason::new(State::CannotTell, text).command("tsctl status"));
    }
    reasons
}

/// How long it is until then.
fn left(until: Moment, report: &Report) -> String {
    span(until.since(report.at).as_secs())
}

#[cfg(test)]
mod tests;
