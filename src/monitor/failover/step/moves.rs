//! Moves: which wish is granted, and how it begins.

use super::Work;
use crate::monitor::decision::{Considered, What, Why};
use crate::monitor::failover::choice::{Wanted, Wish, gate};
use crate::monitor::failover::plan::DAY;
use crate::monitor::failover::{Action, Mode, Moving, Setting, Subject};

/// A setting that is to be put in force.
pub(super) struct Change {
    pub(super) to: Setting,
    pub(super) why: Why,
    pub(super) considered: Vec<Considered>,
}

impl Change {
    /// A change that follows from no comparison.
    pub(super) fn new(to: Setting, why: Why) -> Self {
        Self {
            to,
            why,
            considered: Vec::new(),
        }
    }
}

impl Work<'_> {
    /// Grants the wish that is ranked highest, if anything may be done now.
    pub(super) fn decide(&mut self) {
        let mut best: Option<(Subject, Wish)> = None;
        let mut content = Vec::new();
        for track in &self.state.tracks {
            match self.choice(track).wish() {
                Ok(Some(wish)) if best.as_ref().is_none_or(|(_, best)| wish.rank < best.rank) => {
                    best = Some((track.subject.clone(), wish));
                }
                Ok(None) if track.rehearsed.is_some() => content.push(track.subject.clone()),
                Ok(_) | Err(_) => {}
            }
        }
        // What was rehearsed is over; the next time is another one.
        for subject in content {
            if let Some(track) = self.state.track_mut(&subject) {
                track.rehearsed = None;
            }
        }
        let Some((subject, wish)) = best else { return };
        if gate(self.plan, &self.state, self.now).is_some() {
            return;
        }
        let Wish {
            what, why, considered, ..
        } = wish;
        if self.plan.mode == Mode::DryRun {
            self.rehearse(&subject, what, why, considered);
            return;
        }
        match what {
            Wanted::Move(to) => self.apply(vec![Change { to, why, considered }]),
            Wanted::Restart => self.restart(why),
        }
    }

    /// What would be done is written down, once.
    pub(super) fn rehearse(&mut self, subject: &Subject, what: Wanted, why: Why, considered: Vec<Considered>) {
        let now = self.now;
        let Some(track) = self.state.track_mut(subject) else {
            return;
        };
        let to = match &what {
            Wanted::Move(to) => to.clone(),
            Wanted::Restart => track.standing.clone(),
        };
        if track.rehearsed.as_ref() == Some(&to) {
            return;
        }
        let from = track.standing.clone();
        track.rehearsed = Some(to);
        let what = match what {
            Wanted::Move(to) => What::Rehearsal {
                from,
                to,
                why,
                considered,
            },
            Wanted::Restart => What::RestartRehearsal { why },
        };
        self.state.last_move = Some(now);
        self.record(what);
    }

    /// Begins to put settings in force, in one action.
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        let now = self.now;
        let token = self.take_token();
        let layers = self.state.layers.clone();
        let mut settings = Vec::new();
        for Change { to, why, considered } in changes {
            let Some(track) = self.state.track_mut(&to.subject()) else {
                continue;
            };
            track.moving = Some(Moving {
                token,
                to: to.clone(),
                why: why.clone(),
                began: now,
                asked: 0,
                doubt: false,
                former: None,
            });
            let from = track.standing.clone();
            settings.push(to.clone());
            self.record(What::Move {
                token,
                from,
                to,
                why,
                considered,
                layers: layers.clone(),
            });
        }
        self.state.last_move = Some(now);
        self.effects.push(Action::Apply(token, settings));
    }

    pub(super) fn restart(&mut self, why: Why) {
        let token = self.take_token();
        let now = self.now;
        self.state.restarts.retain(|at| now < at.after(DAY));
        self.state.restarts.push(now);
        self.state.restarting = Some((token, now));
        self.state.last_move = Some(now);
        self.record(What::Restart { token, why });
        self.effects.push(Action::RestartDaemon(token));
    }

    pub(super) fn take_token(&mut self) -> u64 {
        let token = self.state.next_token;
        self.state.next_token = token.wrapping_add(1);
        self.dirty = true;
        token
    }
}
