//! What is said of the decisions.

use schemars::JsonSchema;
use serde::Serialize;

use super::decision_log::{Found, Trouble};
use super::story::{Story, stories};
use super::zone::{Zone, timestamp};
use crate::host::program::printable;
use crate::host::show::{Reason, State};
use crate::host::tailnet::when;
use crate::monitor::decision::{What, Why};
use crate::monitor::failover::Subject;
use crate::monitor::{Decision, Moment};
use crate::net::{TimeSpan, WallTime};

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Near that moment.
    pub(super) at: Option<Moment>,
    /// Not longer ago than that.
    pub(super) since: Option<TimeSpan>,
    /// Only about that.
    pub(super) subject: Option<String>,
    /// At most so many.
    pub(super) most: usize,
}

/// What `tsctl why --json` prints. Times of day are in UTC (RFC 3339), spans in milliseconds; what is not known is null.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl why")]
pub(crate) struct WhySeen {
    /// When it was asked.
    at: String,
    /// The moment that was asked about.
    asked: Option<String>,
    /// What somebody should know: why nothing is shown, or not all.
    reasons: Vec<Reason>,
    /// The decisions, the oldest first. With `--at`, those nearest to that time.
    decisions: Vec<DecisionSeen>,
    /// How many more there are in the span of time that was asked about.
    more: usize,
    #[serde(skip)]
    pub(super) now: WallTime,
    #[serde(skip)]
    pub(super) asked_at: Option<Moment>,
    #[serde(skip)]
    pub(super) zone: Zone,
    #[serde(skip)]
    pub(super) can_tell: bool,
}

/// One decision, and how it ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionSeen {
    /// When it was taken.
    pub(super) at: String,
    /// What it was: `move`, `rehearsal`, `moved`, `not-moved`, `restart`, `restarted`, `restart-rehearsal`, `chosen`, `put-back`,
    /// `choice-over`, `paused`, `resumed`, `taken-up`, `unwritable`.
    pub(super) kind: &'static str,
    /// What it is about: `exit-node`, `routes`, `tunnel`, or the name of a service.
    pub(super) subject: Option<String>,
    /// It as a sentence.
    pub(super) text: String,
    /// What was in force.
    pub(super) from: Option<String>,
    /// What was to be in force.
    pub(super) to: Option<String>,
    /// Why.
    pub(super) why: Option<String>,
    /// What had been measured.
    pub(super) measured: Option<Measured>,
    /// The layers of the network that had failed.
    pub(super) failed_layers: Vec<String>,
    /// What else could have been put in force.
    pub(super) considered: Vec<ConsideredSeen>,
    /// When it ends by itself.
    pub(super) until: Option<String>,
    /// How it ended.
    pub(super) end: Option<End>,
    #[serde(skip)]
    pub(super) moment: Moment,
    #[serde(skip)]
    pub(super) until_moment: Option<Moment>,
}

/// What had been measured when a decision was taken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Measured {
    /// How what was in force was doing: `good`, `unknown`, `degraded`, `down`.
    pub(super) level: &'static str,
    /// Since when; of what was to be taken, where that was better.
    pub(super) since: Option<String>,
    /// Bad checks in a row.
    pub(super) bad_in_a_row: Option<u32>,
    /// What was wrong in the last of them.
    pub(super) fault: Option<String>,
    #[serde(skip)]
    pub(super) since_moment: Option<Moment>,
}

/// Something else that could have been put in force.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsideredSeen {
    /// What.
    pub(super) setting: String,
    /// How it was doing.
    pub(super) level: &'static str,
    /// Why it was not taken.
    pub(super) why_not: String,
}

/// How a decision ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct End {
    /// When.
    pub(super) at: String,
    /// How long it took.
    pub(super) took_millis: u64,
    /// Whether it was carried out.
    pub(super) done: bool,
    /// How it ended, as a sentence.
    pub(super) text: String,
}

impl WhySeen {
    pub(super) fn new(found: &Found, question: &Question, now: WallTime, zone: Zone) -> Self {
        let mut reasons: Vec<Reason> = found.trouble.iter().map(trouble).collect();
        if found.unreadable > 0 {
            let lines = if found.unreadable == 1 { "line" } else { "lines" };
            let text = format!("{} {lines} of the decision log cannot be read", found.unreadable);
            reasons.push(Reason::new(State::Degraded, text).command("journalctl -u tailwright-monitor -n 50"));
        }
        let all = stories(&found.decisions);
        let is_meant = |story: &&Story<'_>| {
            let subject = story.decision.what.subject();
            question
                .subject
                .as_ref()
                .is_none_or(|asked| subject.as_ref().map(word).as_ref() == Some(asked))
        };
        let oldest = question
            .since
            .map(|span| Moment::from_millis(now.unix().saturating_mul(1_000)).before_millis(span.as_millis()));
        let is_new = |story: &&Story<'_>| oldest.is_none_or(|oldest| story.decision.at >= oldest);
        let meant: Vec<Story<'_>> = all.iter().filter(is_meant).copied().collect();
        let mut chosen: Vec<Story<'_>> = meant.iter().filter(is_new).copied().collect();
        let there = chosen.len();
        match question.at {
            Some(at) => {
                chosen.sort_by_key(|story| story.distance(at));
                chosen.truncate(question.most);
                chosen.sort_by_key(|story| story.decision.at);
            }
            None => {
                chosen.drain(..there.saturating_sub(question.most));
            }
        }
        if chosen.is_empty() && found.trouble.is_none() {
            reasons.push(nothing(question, &meant, now));
        } else if let (Some(at), [nearest]) = (question.at, chosen.as_slice())
            && nearest.distance(at) > 3_600_000
        {
            let far = when::span(nearest.distance(at) / 1_000);
            let text = format!(
                "nothing was decided at {}: the nearest decision is {far} away",
                zone.local(at)
            );
            reasons.push(Reason::new(State::Good, text));
        }
        Self {
            at: now.to_string(),
            asked: question.at.map(utc),
            reasons,
            more: there - chosen.len(),
            decisions: chosen.iter().map(DecisionSeen::of).collect(),
            now,
            asked_at: question.at,
            zone,
            can_tell: found.trouble.is_none(),
        }
    }

    pub(super) fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    pub(super) fn decisions(&self) -> &[DecisionSeen] {
        &self.decisions
    }

    pub(super) fn more(&self) -> usize {
        self.more
    }
}

/// Why the log could not be read, and what to type about it.
pub(crate) fn trouble(trouble: &Trouble) -> Reason {
    match trouble {
        Trouble::Missing(directory) => Reason::new(
            State::CannotTell,
            format!(
                "there is no decision log in {}: the monitor has never decided anything here",
                printable(directory)
            ),
        )
        .command("systemctl status tailwright-monitor"),
        Trouble::Forbidden(path) => Reason::new(
            State::CannotTell,
            format!(
                "{} may be read by the monitor's user and by root alone",
                printable(path)
            ),
        )
        .command("sudo tsctl why"),
        Trouble::Failed(path, error) => Reason::new(
            State::CannotTell,
            format!("{} cannot be read: {error}", printable(path)),
        )
        .command(format!("sudo ls -l {}", printable(path))),
    }
}

/// That nothing was decided, and what was before that.
fn nothing(question: &Question, meant: &[Story<'_>], now: WallTime) -> Reason {
    let about = question
        .subject
        .as_ref()
        .map(|subject| format!(" about {subject}"))
        .unwrap_or_default();
    match (question.since, meant.last()) {
        (Some(span), Some(last)) => {
            let ago = when::ago(last.decision.at.as_millis() / 1_000, now.unix());
            let text = format!("nothing was decided{about} in the last {span}; the last decision was {ago}");
            Reason::new(State::Good, text).command("tsctl why --since 365d -n 1")
        }
        (Some(span), None) if question.subject.is_none() => Reason::new(
            State::Good,
            format!("nothing was decided in the last {span}, or ever before"),
        ),
        _ => Reason::new(State::Good, format!("nothing was ever decided{about}")),
    }
}

impl DecisionSeen {
    fn of(story: &Story<'_>) -> Self {
        let Decision { at, what } = story.decision;
        let (from, to, why) = match what {
            What::Move { from, to, why, .. } | What::Rehearsal { from, to, why, .. } => {
                (Some(from), Some(to), Some(why))
            }
            What::Moved { from, to, .. }
            | What::NotMoved { from, to, .. }
            | What::Chosen { from, to, .. }
            | What::PutBack { from, to }
            | What::TakenUp { from, to } => (Some(from), Some(to), None),
            What::ChoiceOver { standing } => (None, Some(standing), None),
            What::Restart { why, .. } | What::RestartRehearsal { why } => (None, None, Some(why)),
            What::Restarted { .. } | What::Paused { .. } | What::Resumed | What::Unwritable => (None, None, None),
        };
        let (considered, layers) = match what {
            What::Move { considered, layers, .. } => (considered.as_slice(), Some(layers)),
            What::Rehearsal { considered, .. } => (considered.as_slice(), None),
            _ => (&[][..], None),
        };
        let until = match what {
            What::Chosen { until, .. } | What::Paused { until } => *until,
            _ => None,
        };
        Self {
            at: utc(*at),
            kind: kind(what),
            subject: what.subject().as_ref().map(word),
            text: what.to_string(),
            from: from.map(ToString::to_string),
            to: to.map(ToString::to_string),
            why: why.map(ToString::to_string),
            measured: why.and_then(measured),
            failed_layers: layers.into_iter().flatten().map(ToString::to_string).collect(),
            considered: considered
                .iter()
                .map(|other| ConsideredSeen {
                    setting: other.setting.to_string(),
                    level: other.level.name(),
                    why_not: other
                        .unfit
                        .as_ref()
                        .map_or_else(|| "another one is ranked higher".to_owned(), ToString::to_string),
                })
                .collect(),
            until: until.map(utc),
            end: story.end.map(|end| End {
                at: utc(end.at),
                took_millis: u64::try_from(end.at.since(*at).as_millis()).unwrap_or(u64::MAX),
                done: matches!(end.what, What::Moved { .. } | What::Restarted { failed: None, .. }),
                text: end.what.to_string(),
            }),
            moment: *at,
            until_moment: until,
        }
    }
}

fn measured(why: &Why) -> Option<Measured> {
    match why {
        Why::Failing {
            level,
            since,
            bad,
            fault,
        } => Some(Measured {
            level: level.name(),
            since: Some(utc(*since)),
            bad_in_a_row: Some(*bad),
            fault: fault.as_ref().map(ToString::to_string),
            since_moment: Some(*since),
        }),
        Why::Worse { level, .. } => Some(Measured {
            level: level.name(),
            since: None,
            bad_in_a_row: None,
            fault: None,
            since_moment: None,
        }),
        Why::Better { since } => Some(Measured {
            level: "good",
            since: Some(utc(*since)),
            bad_in_a_row: None,
            fault: None,
            since_moment: Some(*since),
        }),
        Why::TryAgain | Why::Asked | Why::Stopped | Why::NoLongerPlanned => None,
    }
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Move { .. } => "move",
        What::Rehearsal { .. } => "rehearsal",
        What::Moved { .. } => "moved",
        What::NotMoved { .. } => "not-moved",
        What::Restart { .. } => "restart",
        What::Restarted { .. } => "restarted",
        What::RestartRehearsal { .. } => "restart-rehearsal",
        What::Chosen { .. } => "chosen",
        What::PutBack { .. } => "put-back",
        What::ChoiceOver { .. } => "choice-over",
        What::Paused { .. } => "paused",
        What::Resumed => "resumed",
        What::TakenUp { .. } => "taken-up",
        What::Unwritable => "unwritable",
    }
}

/// A subject as people type it.
fn word(subject: &Subject) -> String {
    match subject {
        Subject::ExitNode => "exit-node".to_owned(),
        Subject::Routes => "routes".to_owned(),
        Subject::Service(name) => name.to_string(),
        Subject::Tunnel => "tunnel".to_owned(),
    }
}

fn utc(moment: Moment) -> String {
    timestamp(moment).map_or_else(|| moment.as_millis().to_string(), |time| time.to_string())
}
