//! What the operator asks for.

use super::Work;
use super::moves::Change;
use crate::monitor::Moment;
use crate::monitor::decision::{What, Why};
use crate::monitor::failover::choice::{Choice, is_busy};
use crate::monitor::failover::event::Command;
use crate::monitor::failover::{Action, Answer, Chosen, Mode, Override, Pause, Refusal, Setting, Track};

impl Work<'_> {
    pub(super) fn asked(&mut self, command: Command) {
        let answer = if self.state.stopping.is_some() {
            Answer::Refused(Refusal::Stopping)
        } else {
            match command {
                Command::Pause(until) => {
                    self.state.pause = Some(Pause { until });
                    self.record(What::Paused { until });
                    Answer::Accepted
                }
                Command::Resume => self.resume(),
                Command::Switch(setting, until) => self.switch(setting, until),
                Command::Restore => self.restore(),
            }
        };
        self.notes.push(Action::Answer(answer));
    }

    pub(super) fn resume(&mut self) -> Answer {
        // What is about to be put in force by somebody's choice would stay so.
        let chooses = |track: &Track| track.chosen.is_some() && track.moving.is_some();
        if self.state.tracks.iter().any(chooses) {
            return Answer::Refused(Refusal::Busy);
        }
        let mut over = Vec::new();
        for track in &mut self.state.tracks {
            self.dirty |= track.end_late_choices();
            if track.moving.is_none() && track.chosen.take().is_some() {
                over.push(What::ChoiceOver {
                    standing: track.standing.clone(),
                });
            }
        }
        if self.state.pause.take().is_some() {
            over.push(What::Resumed);
        }
        if over.is_empty() {
            return Answer::Already;
        }
        for what in over {
            self.record(what);
        }
        Answer::Accepted
    }

    pub(super) fn switch(&mut self, setting: Setting, until: Option<Moment>) -> Answer {
        // Nobody would put it back when the choice ends.
        if self.plan.mode == Mode::DryRun {
            return Answer::Refused(Refusal::Rehearses);
        }
        let subject = setting.subject();
        let (plan, state) = (self.plan, &self.state);
        let Some(track) = state.track(&subject) else {
            return Answer::Refused(Refusal::NotSeen(subject));
        };
        let home = *Choice {
            plan,
            state,
            track,
            now: self.now,
        }
        .home()
            == setting;
        if !setting.can_be_applied() || !(plan.lists(&setting) || home) {
            return Answer::Refused(Refusal::NotListed(setting));
        }
        if is_busy(state) || track.moving.is_some() {
            return Answer::Refused(Refusal::Busy);
        }
        let from = track.standing.clone();
        if from != setting && plan.safety.closes_only_way(&state.in_force(), &state.ground, &setting) {
            return Answer::Refused(Refusal::OnlyWayIn(setting));
        }
        let mut former = None;
        if let Some(track) = self.state.track_mut(&subject) {
            self.dirty |= track.end_late_choices();
            former = track.chosen.replace(Override {
                by: Chosen::Operator,
                was: from.clone(),
                until,
            });
        }
        self.record(What::Chosen {
            by: Chosen::Operator,
            from: from.clone(),
            to: setting.clone(),
            until,
        });
        if from != setting {
            self.apply(vec![Change::new(setting, Why::Asked)]);
            if let Some(moving) = self.state.track_mut(&subject).and_then(|track| track.moving.as_mut()) {
                moving.former = former;
            }
        }
        Answer::Accepted
    }

    pub(super) fn restore(&mut self) -> Answer {
        if is_busy(&self.state) {
            return Answer::Refused(Refusal::Busy);
        }
        let mut changed = false;
        for track in &mut self.state.tracks {
            changed |= track.chosen.take().is_some();
            self.dirty |= track.end_late_choices();
            // What is no longer held down is not after a crash either.
            changed |= !std::mem::take(&mut track.penalties).is_empty();
            changed |= track.trial.take().is_some();
        }
        let back = self.to_put_back(&Why::Asked);
        if back.is_empty() {
            self.dirty |= changed;
            return if changed { Answer::Accepted } else { Answer::Already };
        }
        self.apply(back);
        Answer::Accepted
    }

    /// What the machine changed, with what was there before.
    pub(super) fn to_put_back(&self, why: &Why) -> Vec<Change> {
        let choices = self.state.tracks.iter().map(|track| self.choice(track));
        choices
            .filter(|choice| choice.track.chosen.is_none() && choice.track.moving.is_none())
            .filter(|choice| choice.track.standing != *choice.home() && choice.home().can_be_applied())
            .map(|choice| Change::new(choice.home().clone(), why.clone()))
            .collect()
    }
}
