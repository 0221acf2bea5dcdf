//! What time brings: expiries, deadlines, the end of the program.

use super::Work;
use crate::monitor::decision::{What, Why};
use crate::monitor::failover::choice::gate;
use crate::monitor::failover::event::Ending;
use crate::monitor::failover::plan::{ANSWER, RESTART, SAVE_AGAIN};
use crate::monitor::failover::state::Stopping;
use crate::monitor::failover::{Action, Chosen, Mode, Moving, Obstacle, OnStop};
use crate::monitor::{Level, Moment};

impl Work<'_> {
    /// What is over because of the time.
    pub(super) fn expire(&mut self) {
        let (plan, now) = (self.plan, self.now);
        let over = |until: Option<Moment>| until.is_some_and(|until| until <= now);
        if self.state.pause.is_some_and(|pause| over(pause.until)) {
            self.state.pause = None;
            self.record(What::Resumed);
        }
        let mut read = false;
        let mut records = Vec::new();
        for track in &mut self.state.tracks {
            if track.moving.is_none() && track.chosen.as_ref().is_some_and(|chosen| over(chosen.until)) {
                track.chosen = None;
                records.push(What::ChoiceOver {
                    standing: track.standing.clone(),
                });
            }
            let late = track.late.len();
            track.late.retain(|late| now < late.until);
            self.dirty |= late != track.late.len();
            let home = plan.ladders.get(&track.subject).and_then(|ladder| ladder.home.as_ref());
            // What somebody chose before the profile wanted it is no choice against the profile.
            if track.moving.is_none()
                && home == Some(&track.standing)
                && track.chosen.take_if(|chosen| chosen.by == Chosen::Hand).is_some()
            {
                records.push(What::ChoiceOver {
                    standing: track.standing.clone(),
                });
            }
            let at_home = track.standing == *home.unwrap_or(&track.found);
            // What was refused is no longer wanted.
            if (track.chosen.is_some() || (at_home && track.standing_level() == Level::Good))
                && track.refused.take().is_some()
            {
                self.dirty = true;
            }
            if track.trial.take_if(|trial| trial.until <= now).is_some() {
                self.dirty = true;
            }
            if track.settling.take_if(|settling| settling.until <= now).is_some() {
                read = true;
            }
            if let Some(moving) = &mut track.moving
                && ask_at(moving) <= now
            {
                moving.doubt = true;
                moving.asked = moving.asked.saturating_add(1);
                // However late it is, the next question is in the future.
                if ask_at(moving) <= now {
                    moving.began = now.before_millis(ANSWER.as_millis().saturating_mul(u64::from(moving.asked)));
                }
                read = true;
            }
        }
        for what in records {
            self.record(what);
        }
        if read {
            self.read_settings();
        }
        if let Some((token, began)) = self.state.restarting
            && began.after(RESTART) <= now
        {
            self.restarted(token, Some("nobody answered".to_owned()));
        }
        if self.state.unwritable.is_some_and(|again| again <= now) {
            self.state.unwritable = Some(now.after(SAVE_AGAIN));
            self.effects.push(Action::Save);
        }
    }

    /// Puts back what was changed, waits for that, and ends.
    pub(super) fn stop(&mut self) {
        let Some(stopping) = self.state.stopping else { return };
        let moving = self.state.tracks.iter().any(|track| track.moving.is_some());
        if (moving || self.state.restarting.is_some()) && self.now < stopping.by {
            return;
        }
        let restores = stopping.ending == Ending::Stop && self.plan.on_stop == OnStop::Restore;
        if restores && !stopping.restored && self.plan.mode != Mode::DryRun {
            let back = self.to_put_back(&Why::Stopped);
            self.state.stopping = Some(Stopping {
                by: self.now.after(ANSWER),
                restored: true,
                ..stopping
            });
            if !back.is_empty() {
                self.apply(back);
                return;
            }
        }
        self.exit = true;
        self.dirty = true;
    }

    /// The next moment at which something may happen without an event.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let state = &self.state;
        let mut moments: Vec<Moment> = Vec::new();
        if let Some(stopping) = state.stopping {
            moments.push(stopping.by);
        }
        moments.extend(state.pause.and_then(|pause| pause.until));
        moments.extend(state.unwritable);
        moments.extend(state.restarting.map(|(_, began)| began.after(RESTART)));
        moments.extend(self.plan.maintenance_until(self.now));
        for track in &state.tracks {
            moments.extend(track.moving.as_ref().map(ask_at));
            moments.extend(track.trial.as_ref().map(|trial| trial.until));
            moments.extend(track.settling.as_ref().map(|settling| settling.until));
            moments.extend(track.chosen.as_ref().and_then(|chosen| chosen.until));
            match self.choice(track).wish() {
                Ok(Some(_)) => {
                    let gate = gate(self.plan, state, self.now);
                    moments.extend(gate.as_ref().and_then(Obstacle::until));
                }
                Ok(None) => {}
                Err(obstacle) => moments.extend(obstacle.until()),
            }
        }
        moments.into_iter().filter(|moment| *moment > self.now).min()
    }
}

/// When it is asked what became of a change.
fn ask_at(moving: &Moving) -> Moment {
    let asked = u64::from(moving.asked).saturating_add(1);
    moving.began.after_millis(ANSWER.as_millis().saturating_mul(asked))
}
