//! One step of the machine.

mod alarms;
mod command;
mod in_force;
mod moves;
mod outcome;
mod passing;

use super::choice::{Choice, blocking};
use super::event::Event;
use super::plan::ANSWER;
use super::state::Stopping;
use super::{Action, Plan, Setting, State, Track};
use crate::monitor::decision::{Decision, What};
use crate::monitor::{Moment, Verdict};

/// What one step leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The new state.
    pub state: State,
    /// What is to be done, in this order.
    pub actions: Vec<Action>,
    /// When to send [`Event::Woken`] at the latest; always later than the step. `None`: nothing is waited for.
    pub deadline: Option<Moment>,
}

/// One step: what happens to the state at `now`, what is to be done, and when to look again.
///
/// Of an automatic move there is at most one in a step and at most one within [`Plan::move_window`]; the state that has to be
/// on disk before an action stands before it as [`Action::Save`]. The driver sends [`Event::Diagnosed`] before the
/// [`Event::Measured`] of the same round, so that a failure below explains what it brings about, and of these what is in
/// force comes last, so that what it would be left for is known. A `now` that is earlier than that of the last step counts
/// as that.
pub fn step(plan: &Plan, state: State, event: Event, now: Moment) -> Step {
    let starts = event == Event::Started;
    let now = if starts { now } else { now.max(state.clock) };
    let mut work = Work {
        plan,
        state,
        now,
        records: Vec::new(),
        effects: Vec::new(),
        notes: Vec::new(),
        dirty: false,
        exit: false,
    };
    work.state.clock = if starts { work.state.clock } else { now };
    work.event(event);
    work.expire();
    if work.state.stopping.is_some() {
        work.stop();
    } else {
        work.decide();
    }
    work.alarms();
    work.finish()
}

struct Work<'a> {
    plan: &'a Plan,
    state: State,
    now: Moment,
    records: Vec<Action>,
    effects: Vec<Action>,
    notes: Vec<Action>,
    /// Whether the state has to be written.
    dirty: bool,
    exit: bool,
}

impl Work<'_> {
    fn event(&mut self, event: Event) {
        match event {
            Event::Started => self.started(),
            Event::Measured(setting, verdict) => self.measured(&setting, verdict),
            Event::Noticed(notices) => self.state.notices = Some(notices),
            Event::Diagnosed(layers) => {
                self.state.diagnosed = true;
                self.state.layers = layers;
                self.explain_away();
            }
            Event::Links(links) => self.state.ground.links = links,
            Event::LanAccess(access) => self.state.ground.lan_access = Some(access),
            Event::Seen(settings) => settings.into_iter().for_each(|setting| self.seen(setting)),
            Event::Done(token, outcome) => self.done(token, outcome),
            Event::Saved => self.state.unwritable = None,
            Event::SaveFailed(dropped) => self.save_failed(&dropped),
            Event::Asked(command) => self.asked(command),
            Event::Reloaded | Event::Woken => self.forget_unplanned(),
            Event::Stop(ending) => {
                if self.state.stopping.is_none() {
                    self.state.stopping = Some(Stopping {
                        ending,
                        by: self.now.after(ANSWER),
                        restored: false,
                    });
                }
            }
        }
    }

    fn started(&mut self) {
        self.state.fit_clock(self.now);
        self.state.stopping = None;
        self.state.unwritable = None;
        // What has been seen since it was lost is known again.
        self.state.lost &= self.state.tracks.is_empty();
        let mut taken_up = Vec::new();
        for track in &mut self.state.tracks {
            if let Some(moving) = &mut track.moving {
                moving.doubt = true;
                moving.asked = 0;
                moving.began = self.now;
                taken_up.push(What::TakenUp {
                    from: track.standing.clone(),
                    to: moving.to.clone(),
                });
            }
        }
        self.state.restarting = None;
        for what in taken_up {
            self.record(what);
        }
        self.forget_unplanned();
        self.effects.push(Action::ReadSettings);
        self.dirty = true;
    }

    /// Forgets the subjects that the plan does not name any more, once there is nothing to put back.
    fn forget_unplanned(&mut self) {
        let plan = self.plan;
        let before = self.state.tracks.len();
        let unplanned = &mut self.state.unplanned;
        unplanned.retain(|subject, _| !plan.ladders.contains_key(subject));
        self.state.tracks.retain(|track| {
            let stays = plan.ladders.contains_key(&track.subject)
                || track.moving.is_some()
                || (track.chosen.is_none() && track.standing != track.found);
            if !stays {
                unplanned.insert(track.subject.clone(), track.standing.clone());
            }
            stays
        });
        self.dirty |= before != self.state.tracks.len();
    }

    fn measured(&mut self, setting: &Setting, verdict: Verdict) {
        let (plan, now) = (self.plan, self.now);
        let subject = setting.subject();
        if blocking(plan, &self.state, &subject).is_some() {
            return;
        }
        let Some(track) = self.state.track_mut(&subject) else {
            return;
        };
        if plan.lists(setting) || track.standing == *setting || track.found == *setting {
            let health = track.health.entry(setting.clone()).or_default();
            health.count(verdict, plan.fall, plan.rise, now);
        }
    }

    /// What was measured while a layer below failed says nothing about what stands above it.
    fn explain_away(&mut self) {
        let explained = |track: &Track| blocking(self.plan, &self.state, &track.subject).is_some();
        let explained: Vec<bool> = self.state.tracks.iter().map(explained).collect();
        for (track, explained) in self.state.tracks.iter_mut().zip(explained) {
            if explained {
                track.health.clear();
            }
        }
    }

    fn choice<'b>(&'b self, track: &'b Track) -> Choice<'b> {
        Choice {
            plan: self.plan,
            state: &self.state,
            track,
            now: self.now,
        }
    }

    fn read_settings(&mut self) {
        if !self.effects.contains(&Action::ReadSettings) {
            self.effects.push(Action::ReadSettings);
        }
    }

    fn record(&mut self, what: What) {
        self.dirty = true;
        let at = self.now;
        self.records.push(Action::Record(Box::new(Decision { at, what })));
    }

    fn finish(self) -> Step {
        let deadline = self.deadline();
        let mut actions = self.records;
        let save_again = self.effects.contains(&Action::Save);
        if self.dirty && self.state.unwritable.is_none() && !save_again {
            actions.push(Action::Save);
        }
        actions.extend(self.effects);
        actions.extend(self.notes);
        if self.exit {
            actions.push(Action::Exit);
        }
        Step {
            state: self.state,
            actions,
            deadline,
        }
    }
}
