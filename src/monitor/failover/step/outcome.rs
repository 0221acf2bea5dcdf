//! How actions ended.

use std::collections::BTreeSet;

use super::Work;
use crate::monitor::decision::{What, Why};
use crate::monitor::failover::event::Outcome;
use crate::monitor::failover::plan::{SAVE_AGAIN, SETTLE};
use crate::monitor::failover::{Health, Settling, Subject, Trial};

impl Work<'_> {
    pub(super) fn done(&mut self, token: u64, outcome: Outcome) {
        if self.state.restarting.is_some_and(|(restart, _)| restart == token) {
            let failed = match outcome {
                Outcome::Done => None,
                Outcome::Refused(reason) | Outcome::NotAsked(reason) => Some(reason),
                Outcome::Unanswered => Some("nobody answered".to_owned()),
            };
            self.restarted(token, failed);
            return;
        }
        if matches!(outcome, Outcome::Done | Outcome::Refused(_)) {
            self.answered(token);
        }
        for subject in self.moving_with(token) {
            match &outcome {
                Outcome::Done => self.moved(&subject),
                Outcome::Refused(reason) => self.refused(&subject, reason),
                Outcome::NotAsked(reason) => self.not_moved(&subject, reason.clone()),
                Outcome::Unanswered => {
                    if let Some(moving) = self.state.track_mut(&subject).and_then(|track| track.moving.as_mut()) {
                        moving.doubt = true;
                    }
                    self.read_settings();
                    self.dirty = true;
                }
            }
        }
    }

    /// One change is made after the other: what was asked for before this one does not come any more.
    fn answered(&mut self, token: u64) {
        for track in &mut self.state.tracks {
            let moving = track.moving.iter().chain(track.late.iter().map(|late| &late.moving));
            if moving.map(|moving| moving.token).any(|one| one == token) {
                let late = track.late.len();
                track.late.retain(|late| late.moving.token > token);
                self.dirty |= late != track.late.len();
            }
        }
    }

    pub(super) fn moving_with(&self, token: u64) -> Vec<Subject> {
        let moving = self.state.tracks.iter();
        moving
            .filter(|track| track.moving.as_ref().is_some_and(|moving| moving.token == token))
            .map(|track| track.subject.clone())
            .collect()
    }

    /// The change that was being made is in force.
    pub(super) fn moved(&mut self, subject: &Subject) {
        let (plan, now) = (self.plan, self.now);
        let Some(track) = self.state.track_mut(subject) else {
            return;
        };
        let Some(moving) = track.moving.take() else { return };
        let from = std::mem::replace(&mut track.standing, moving.to.clone());
        let left = track.level(&from);
        if plan.ladders.get(subject).and_then(|ladder| ladder.home.as_ref()) == Some(&moving.to) {
            track.found = moving.to.clone();
        }
        track.since = now;
        track.refused = None;
        track.rehearsed = None;
        track.settling = Some(Settling {
            from: from.clone(),
            until: now.after(SETTLE),
        });
        track.trial = None;
        match &moving.why {
            Why::Failing { level, .. } => {
                track
                    .penalties
                    .entry(from.clone())
                    .or_default()
                    .add(plan.max_hold_down, now);
                track.trial = Some(Trial {
                    from: from.clone(),
                    level: (*level).max(left),
                    until: now.after(plan.trial),
                });
            }
            Why::Worse { .. } => track
                .penalties
                .entry(from.clone())
                .or_default()
                .add(plan.max_hold_down, now),
            Why::Stopped | Why::NoLongerPlanned | Why::Asked | Why::Better { .. } | Why::TryAgain => {}
        }
        track
            .penalties
            .retain(|_, penalty| penalty.flaps(plan.max_hold_down, now) > 0);
        if let Some(health) = track.health.get_mut(&from) {
            health.forget_counts();
        }
        let health = track.health.entry(moving.to.clone()).or_default();
        if moving.to.is_blind() {
            *health = Health::default();
        } else {
            health.forget_counts();
        }
        self.record(What::Moved {
            token: moving.token,
            from,
            to: moving.to,
        });
        self.forget_unplanned();
    }

    /// The change was refused: it is not tried again at once.
    pub(super) fn refused(&mut self, subject: &Subject, reason: &str) {
        let (plan, now) = (self.plan, self.now);
        if let Some(track) = self.state.track_mut(subject)
            && let Some(to) = track.moving.as_ref().map(|moving| moving.to.clone())
        {
            track.penalties.entry(to).or_default().add(plan.max_hold_down, now);
            track.refused = Some(reason.to_owned());
        }
        self.not_moved(subject, reason.to_owned());
    }

    /// The change that was being made is not in force.
    pub(super) fn not_moved(&mut self, subject: &Subject, reason: String) {
        let Some(track) = self.state.track_mut(subject) else {
            return;
        };
        let Some(moving) = track.moving.take() else { return };
        if moving.why == Why::Asked {
            track.chosen = moving.former;
        }
        let what = What::NotMoved {
            token: moving.token,
            from: track.standing.clone(),
            to: moving.to,
            reason,
        };
        self.record(what);
    }

    pub(super) fn restarted(&mut self, token: u64, failed: Option<String>) {
        self.state.restarting = None;
        // What was measured before says nothing about the new process.
        if let Some(track) = self.state.track_mut(&Subject::Tunnel) {
            track.health.clear();
        }
        self.record(What::Restarted { token, failed });
    }

    pub(super) fn save_failed(&mut self, dropped: &BTreeSet<u64>) {
        if self.state.unwritable.is_none() {
            self.record(What::Unwritable);
        }
        self.state.unwritable = Some(self.now.after(SAVE_AGAIN));
        for token in dropped {
            for subject in self.moving_with(*token) {
                self.not_moved(&subject, "the state cannot be written".to_owned());
            }
            if self.state.restarting.is_some_and(|(restart, _)| restart == *token) {
                self.state.restarts.pop();
                self.restarted(*token, Some("the state cannot be written".to_owned()));
            }
        }
        if let Some(stopping) = &mut self.state.stopping {
            // Putting back what was changed matters more than writing it down.
            stopping.restored = false;
        }
    }
}
