//! What is in force, as tailscaled and the host report it.

use super::Work;
use crate::monitor::decision::{What, Why};
use crate::monitor::failover::{Chosen, Health, Override, Setting, Track};

impl Work<'_> {
    /// A setting is in force.
    pub(super) fn seen(&mut self, setting: Setting) {
        let now = self.now;
        let Some(track) = self.state.track_mut(&setting.subject()) else {
            self.seen_first(setting);
            return;
        };
        let is_late = track.late.iter().any(|late| late.moving.to == setting);
        if let Some(moving) = &track.moving {
            if setting == moving.to {
                // Whether this is what was asked for last, or the same of some time ago, its answer will say.
                track.give_up(now);
                self.moved(&setting.subject());
            } else if setting != track.standing && is_late {
                self.came_late(&setting);
            } else if setting != track.standing {
                track.give_up(now);
                track.moving = None;
                self.changed_by_hand(setting);
            } else if moving.doubt {
                track.give_up(now);
                let reason = "it was not carried out";
                self.not_moved(&setting.subject(), reason.to_owned());
            }
            return;
        }
        let lags = track
            .settling
            .as_ref()
            .is_some_and(|settling| settling.from == setting && now < settling.until);
        if setting == track.standing || lags {
            return;
        }
        if is_late {
            self.came_late(&setting);
        } else {
            self.changed_by_hand(setting);
        }
    }

    /// A change that the machine asked for and no longer waited for is in force.
    fn came_late(&mut self, setting: &Setting) {
        let subject = setting.subject();
        let Some(track) = self.state.track_mut(&subject) else {
            return;
        };
        let Some(place) = track.late.iter().position(|late| late.moving.to == *setting) else {
            return;
        };
        // The same may have been asked for twice, and may come twice.
        let Some(late) = track.late.get_mut(place) else {
            return;
        };
        let mut moving = late.moving.clone();
        let chosen = late.chosen.take();
        if track.standing != late.from {
            // It says nothing against what is left now.
            moving.why = Why::Asked;
        } else if chosen.is_some() {
            track.chosen = chosen;
        }
        let under_way = track.moving.replace(moving);
        self.moved(&subject);
        if let Some(track) = self.state.track_mut(&subject) {
            track.moving = under_way;
        }
    }

    pub(super) fn seen_first(&mut self, setting: Setting) {
        let Some(ladder) = self.plan.ladders.get(&setting.subject()) else {
            // It is left alone, and yet it decides which ways are open.
            self.state.unplanned.insert(setting.subject(), setting);
            return;
        };
        let mut track = Track::new(setting.clone(), self.now);
        if let Some(home) = ladder.home.clone().filter(|home| *home != setting) {
            if self.state.lost && ladder.lists(&setting) {
                track.found = home;
            } else {
                track.chosen = Some(Override {
                    by: Chosen::Hand,
                    was: home.clone(),
                    until: None,
                });
                self.record(What::Chosen {
                    by: Chosen::Hand,
                    from: home,
                    to: setting,
                    until: None,
                });
            }
        }
        self.state.tracks.push(track);
        self.state.tracks.sort_by(|one, other| one.subject.cmp(&other.subject));
        self.dirty = true;
    }

    /// Somebody else put `to` in force.
    pub(super) fn changed_by_hand(&mut self, to: Setting) {
        let (plan, now) = (self.plan, self.now);
        let Some(track) = self.state.track_mut(&to.subject()) else {
            return;
        };
        let declared = plan.ladders.get(&track.subject).and_then(|ladder| ladder.home.as_ref());
        let wanted = to == *declared.unwrap_or(&track.found);
        let from = std::mem::replace(&mut track.standing, to.clone());
        track.since = now;
        track.trial = None;
        track.settling = None;
        track.rehearsed = None;
        // However many nodes people try, only those that are listed are remembered.
        let listed = |setting: &Setting| plan.lists(setting) || *setting == track.found;
        track.health.retain(|setting, _| listed(setting));
        // Whoever set it may know better than the last measurements.
        track.health.insert(to.clone(), Health::default());
        let by_hand = track.chosen.take_if(|chosen| wanted || chosen.by == Chosen::Hand);
        let what = match by_hand {
            Some(chosen) if wanted || to == chosen.was => What::ChoiceOver { standing: to },
            // An activation of the system sets what the profile wants, too.
            None if wanted => What::PutBack { from, to },
            // Where the profile says nothing, what people set is wanted.
            None if declared.is_none() && track.chosen.is_none() && from == track.found => {
                track.found = to.clone();
                What::PutBack { from, to }
            }
            earlier => {
                track.chosen = Some(Override {
                    by: Chosen::Hand,
                    was: earlier.map_or_else(|| from.clone(), |chosen| chosen.was),
                    until: None,
                });
                What::Chosen {
                    by: Chosen::Hand,
                    from,
                    to,
                    until: None,
                }
            }
        };
        self.record(what);
    }
}
