//! What people are told.

use std::collections::BTreeSet;

use super::Work;
use crate::monitor::Level;
use crate::monitor::failover::{Action, Alarm, Chosen, Mode, Phase};

impl Work<'_> {
    /// Tells people what is new, and what is over.
    pub(super) fn alarms(&mut self) {
        let wanted = self.wanted_alarms();
        let maintenance = self.plan.maintenance_until(self.now).is_some();
        let over: Vec<Alarm> = self.state.alarms.difference(&wanted).cloned().collect();
        let new: Vec<Alarm> = if maintenance {
            Vec::new()
        } else {
            wanted.difference(&self.state.alarms).cloned().collect()
        };
        self.dirty |= !over.is_empty() || !new.is_empty();
        for alarm in over {
            self.state.alarms.remove(&alarm);
            self.notes.push(Action::Resolve(alarm));
        }
        for alarm in new {
            self.state.alarms.insert(alarm.clone());
            self.notes.push(Action::Raise(alarm));
        }
    }

    pub(super) fn wanted_alarms(&self) -> BTreeSet<Alarm> {
        let mut wanted = BTreeSet::new();
        // What is not known yet, after a start, neither begins nor ends.
        let keep = |alarm: Alarm| self.state.alarms.contains(&alarm).then_some(alarm);
        if self.state.diagnosed {
            let state = &self.state;
            let failed = state.layers.iter().filter(|layer| !state.is_own_doing(layer));
            wanted.extend(failed.cloned().map(Alarm::Layer));
        } else {
            let layers = self
                .state
                .alarms
                .iter()
                .filter(|alarm| matches!(alarm, Alarm::Layer(_)));
            wanted.extend(layers.cloned());
        }
        if let Some(notices) = &self.state.notices {
            wanted.extend(notices.iter().copied().map(Alarm::from));
        } else {
            let expiring = self.state.alarms.iter();
            wanted.extend(expiring.filter(|alarm| matches!(alarm, Alarm::KeyExpires(_))).cloned());
        }
        for track in &self.state.tracks {
            let subject = || track.subject.clone();
            let choice = self.choice(track);
            let (phase, level) = (choice.phase(), track.standing_level());
            let explained = choice.blocked_by().is_some();
            if level.is_bad() && !explained && phase != Phase::Moving {
                wanted.insert(Alarm::Failing(subject()));
                if phase == Phase::Stuck && self.plan.mode == Mode::Act {
                    wanted.insert(Alarm::Stuck(subject()));
                }
            } else if level == Level::Unknown || explained {
                wanted.extend(keep(Alarm::Failing(subject())));
                wanted.extend(keep(Alarm::Stuck(subject())));
            }
            if phase == Phase::Moving {
                for alarm in [Alarm::Stuck(subject()), Alarm::Failing(subject())] {
                    wanted.extend(keep(alarm));
                }
            }
            match &track.chosen {
                Some(chosen) if chosen.by == Chosen::Hand => {
                    wanted.insert(Alarm::ChangedByHand(subject()));
                }
                None if track.standing != *choice.home() => {
                    wanted.insert(Alarm::Away(subject()));
                }
                Some(_) | None => {}
            }
            if track.refused.is_some() {
                wanted.insert(Alarm::Refused(subject()));
            }
        }
        if self.state.unwritable.is_some() {
            wanted.insert(Alarm::StateUnwritable);
        }
        wanted
    }
}
