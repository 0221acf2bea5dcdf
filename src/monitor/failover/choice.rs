//! What a subject should move to, if anything, and what stands against it.

use crate::monitor::decision::{Considered, Why};
use crate::monitor::diagnosis::{DaemonFault, Layer};
use crate::monitor::{Fault, Level, Moment};

use super::plan::DAY;
use super::{ExitNodeUse, Ladder, Mode, Obstacle, Phase, Plan, RestartLimit, Setting, State, Subject, Track, Unfit};

/// What a subject wants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    /// Its place among the wishes of all subjects; the lowest is granted first.
    pub(super) rank: u32,
    /// What.
    pub(super) what: Wanted,
    /// Why.
    pub(super) why: Why,
    /// The other settings.
    pub(super) considered: Vec<Considered>,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This setting.
    Move(Setting),
    /// That tailscaled is restarted.
    Restart,
}

/// One decision about one subject.
pub(super) struct Choice<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a State,
    pub(super) track: &'a Track,
    pub(super) now: Moment,
}

/// What is wanted for a subject that the plan does not name.
static NO_LADDER: Ladder = Ladder {
    home: None,
    rungs: Vec::new(),
};

impl<'a> Choice<'a> {
    fn ladder(&self) -> &'a Ladder {
        self.plan.ladders.get(&self.track.subject).unwrap_or(&NO_LADDER)
    }

    /// The setting that is wanted.
    pub(super) fn home(&self) -> &'a Setting {
        self.ladder().home.as_ref().unwrap_or(&self.track.found)
    }

    fn is_home(&self) -> bool {
        self.track.standing == *self.home()
    }

    /// What is wanted now. An obstacle is one of this subject alone; [`gate`] has those of all.
    pub(super) fn wish(&self) -> Result<Option<Wish>, Obstacle> {
        if let Some(chosen) = &self.track.chosen {
            return Err(Obstacle::Chosen(chosen.until));
        }
        if self.track.moving.is_some() {
            return Err(Obstacle::Moving);
        }
        let bad = self.track.standing_level().is_bad();
        let planned = self.plan.ladders.contains_key(&self.track.subject);
        if !planned || self.plan.mode == Mode::Report {
            return if !self.is_home() {
                let held = self.held(self.home());
                if self.now < held {
                    return Err(Obstacle::ReturnAfter(held));
                }
                Ok(Some(self.to(self.home(), Why::NoLongerPlanned, Vec::new())))
            } else if bad && planned {
                Err(Obstacle::OnlyReports)
            } else {
                Ok(None)
            };
        }
        if !bad && self.is_home() {
            return Ok(None);
        }
        // A tunnel that was taken down comes up again whatever else has failed: nothing is lost by that, and whoever comes in
        // by it needs it as soon as the rest is well.
        let below = self.blocked_by().filter(|_| bad || !self.home().is_blind());
        if let Some(layer) = below.or_else(|| self.unasked()) {
            return Err(Obstacle::LowerLayer(layer.clone()));
        }
        if bad { self.leave() } else { self.improve() }
    }

    /// The failed layer that no setting of this subject mends.
    pub(super) fn blocked_by(&self) -> Option<&'a Layer> {
        blocking(self.plan, self.state, &self.track.subject)
    }

    /// Why tailscaled cannot be asked to bring the tunnel up, where that is what is wanted.
    fn unasked(&self) -> Option<&'a Layer> {
        let is_down = self.track.standing == Setting::Tunnel(false);
        let mut layers = self.state.layers.iter().filter(|_| is_down);
        layers.find(|layer| matches!(layer, Layer::Daemon(DaemonFault::NotRunning | DaemonFault::Unreadable)))
    }

    /// Away from what does not work.
    fn leave(&self) -> Result<Option<Wish>, Obstacle> {
        let level = self.track.standing_level();
        let considered = self.considered(level);
        let best = considered
            .iter()
            .filter(|one| one.unfit.is_none())
            .min_by_key(|one| self.order(one));
        if best.is_none_or(|best| best.level != Level::Good)
            && let Some(wish) = self.undo(level)
        {
            return Ok(Some(wish));
        }
        let until = self.track.since.after(self.plan.min_dwell);
        if level == Level::Degraded && self.now < until {
            return Err(Obstacle::Dwell(until));
        }
        let best = best.map(|best| {
            let to = best.setting.clone();
            let others = considered.iter().filter(|one| one.setting != to).cloned().collect();
            self.to(&to, self.failing(), others)
        });
        let (restart, restart_again) = match self.restart() {
            Ok(restart) => (Some(restart), None),
            Err(again) => (None, again),
        };
        if let Some(wish) = restart.into_iter().chain(best).min_by_key(|wish| wish.rank) {
            return Ok(Some(wish));
        }
        let free = considered.iter().filter_map(|one| match one.unfit {
            Some(Unfit::Held(until)) => Some(until),
            _ => None,
        });
        Err(Obstacle::NothingBetter(free.chain(restart_again).min()))
    }

    /// Back to what was left, if what was moved to is worse.
    fn undo(&self, level: Level) -> Option<Wish> {
        let trial = self.track.trial.as_ref()?;
        // That it has become good since, while nothing was sent through it, does not end its hold-down.
        let left = trial.level.max(self.track.level(&trial.from));
        let possible = trial.from.can_be_applied() && self.lists(&trial.from) && !self.is_only_way(&trial.from);
        (level > left && possible).then(|| self.to(&trial.from, Why::Worse { level, left }, Vec::new()))
    }

    /// A restart of tailscaled; otherwise when one is possible again.
    fn restart(&self) -> Result<Wish, Option<Moment>> {
        let limit = self.plan.restart.as_ref().ok_or(None)?;
        let concerned = self.track.standing == Setting::Tunnel(true) && self.track.standing_level() == Level::Down;
        if !concerned {
            return Err(None);
        }
        match restart_possible_from(&self.state.restarts, limit, self.now) {
            Some(from) if from > self.now => Err(Some(from)),
            _ => Ok(Wish {
                rank: limit.rank.saturating_add(1),
                what: Wanted::Restart,
                why: self.failing(),
                considered: Vec::new(),
            }),
        }
    }

    /// Every setting that could be taken instead of one that is `level`, best ranked first, each with what is against it.
    fn considered(&self, level: Level) -> Vec<Considered> {
        let home = self.home();
        // A host that is to use no exit node is not given one.
        if *home == Setting::ExitNode(ExitNodeUse::Off) {
            return Vec::new();
        }
        let rungs = self.ladder().rungs.iter().map(|rung| &rung.setting);
        std::iter::once(home)
            .chain(rungs.filter(|setting| *setting != home))
            .filter(|setting| **setting != self.track.standing && setting.can_be_applied())
            .map(|setting| Considered {
                setting: setting.clone(),
                level: self.track.level(setting),
                unfit: self.unfit(setting, level),
            })
            .collect()
    }

    /// What is against fleeing to a setting from one that is `level`.
    fn unfit(&self, setting: &Setting, level: Level) -> Option<Unfit> {
        if self.is_only_way(setting) {
            return Some(Unfit::OnlyWayIn);
        }
        let health = self.track.health(setting).filter(|health| health.bad_in_a_row() > 0);
        if let Some(Fault::CutsOff(prefix)) = health.and_then(super::Health::fault) {
            return Some(Unfit::CutsOff(*prefix));
        }
        // What cannot be measured from here has nothing but its last level, which was the reason to leave it.
        if !setting.is_blind() {
            let there = self.track.level(setting);
            let open = setting.is_open();
            match there {
                // Outside the tunnel is better than nothing, and not better than something.
                Level::Good if open && self.worth(setting) >= level => return Some(Unfit::NotBetter(there)),
                Level::Good => {}
                Level::Unknown | Level::Degraded if level == Level::Down && !open => {}
                Level::Unknown => return Some(Unfit::NotMeasured),
                Level::Degraded | Level::Down => return Some(Unfit::NotBetter(there)),
            }
            // What has taken down the one may be about to take down the other.
            if !there.is_bad()
                && self
                    .track
                    .health(setting)
                    .is_some_and(|health| health.bad_in_a_row() > 0)
            {
                return Some(Unfit::Wavering);
            }
        }
        let penalty = self.track.penalty(setting)?;
        let (hold, max) = (self.plan.hold_down, self.plan.max_hold_down);
        let until = if level == Level::Down {
            penalty.refuge_after(hold, max)
        } else {
            penalty.held_until(hold, max)
        };
        (self.now < until).then_some(Unfit::Held(until))
    }

    /// The better comes first, then the higher ranked.
    fn order(&self, one: &Considered) -> (Level, u32) {
        (self.worth(&one.setting), self.rank(&one.setting))
    }

    /// The level of a setting. What leaves the tunnel's protection counts as degraded unless the operator ranks it before
    /// everything else of its subject.
    fn worth(&self, setting: &Setting) -> Level {
        let level = self.track.level(setting);
        let first = self.ladder().rungs.first().is_some_and(|rung| rung.setting == *setting);
        if setting.is_open() && !(first && *setting != Setting::Tunnel(false)) {
            level.max(Level::Degraded)
        } else {
            level
        }
    }

    /// From what works to what is wanted more.
    fn improve(&self) -> Result<Option<Wish>, Obstacle> {
        if let Some(trial) = &self.track.trial {
            return Err(Obstacle::Dwell(trial.until));
        }
        let home = self.home();
        let standing = self.rank(&self.track.standing);
        let rungs = self.ladder().rungs.iter().map(|rung| &rung.setting);
        let better = std::iter::once(home)
            .chain(rungs)
            .filter(|setting| self.rank(setting) < standing && setting.can_be_applied());
        let mut waits = Vec::new();
        for setting in better {
            // What the profile wants is never refused: nobody else chose it.
            if setting != home && self.is_only_way(setting) {
                continue;
            }
            let Some((why, from)) = self.return_to(setting) else {
                continue;
            };
            let from = from
                .max(self.held(setting))
                .max(self.track.since.after(self.plan.min_dwell));
            if from <= self.now {
                return Ok(Some(self.to(setting, why, Vec::new())));
            }
            waits.push(from);
        }
        waits
            .into_iter()
            .min()
            .map_or(Ok(None), |from| Err(Obstacle::ReturnAfter(from)))
    }

    /// Why, and from when, a setting is returned to that is wanted more, whatever holds it down.
    fn return_to(&self, setting: &Setting) -> Option<(Why, Moment)> {
        if setting.is_blind() && self.track.penalty(setting).is_none() {
            // The operator took it down for a while, and that is over: it never failed.
            return Some((Why::TryAgain, self.track.since));
        }
        let return_after = self.plan.return_after?;
        if setting.is_blind() {
            return Some((Why::TryAgain, self.track.since.after(return_after)));
        }
        let health = self.track.health(setting)?;
        let since = health.since();
        (health.level() == Level::Good).then(|| (Why::Better { since }, since.after(return_after)))
    }

    /// Until when a setting is held down.
    fn held(&self, setting: &Setting) -> Moment {
        let penalty = self.track.penalty(setting);
        penalty.map_or(Moment::default(), |penalty| {
            penalty.held_until(self.plan.hold_down, self.plan.max_hold_down)
        })
    }

    fn to(&self, setting: &Setting, why: Why, considered: Vec<Considered>) -> Wish {
        Wish {
            rank: self.rank(setting),
            what: Wanted::Move(setting.clone()),
            why,
            considered,
        }
    }

    fn failing(&self) -> Why {
        let health = self.track.health(&self.track.standing);
        Why::Failing {
            level: self.track.standing_level(),
            since: health.map_or(self.now, super::Health::since),
            bad: health.map_or(0, super::Health::bad_in_a_row),
            fault: health.and_then(|health| health.fault().cloned()),
        }
    }

    fn rank(&self, setting: &Setting) -> u32 {
        self.ladder().rank(setting, self.home())
    }

    fn lists(&self, setting: &Setting) -> bool {
        setting == self.home() || self.ladder().lists(setting)
    }

    fn is_only_way(&self, setting: &Setting) -> bool {
        setting != self.home()
            && self
                .plan
                .safety
                .closes_only_way(&self.state.in_force(), &self.state.ground, setting)
    }

    /// Where the subject stands.
    pub(super) fn phase(&self) -> Phase {
        let bad = self.track.standing_level().is_bad();
        if self.track.moving.is_some() {
            Phase::Moving
        } else if self.track.chosen.is_some() {
            Phase::Overridden
        } else if bad {
            match self.wish() {
                Err(Obstacle::NothingBetter(_) | Obstacle::OnlyReports) => Phase::Stuck,
                _ => Phase::Waiting,
            }
        } else if self.track.trial.is_some() {
            Phase::Trial
        } else if self.is_home() {
            Phase::Home
        } else {
            Phase::Away
        }
    }
}

/// What keeps every subject from moving now, whatever it wants.
pub(super) fn gate(plan: &Plan, state: &State, now: Moment) -> Option<Obstacle> {
    if let Some(pause) = state.pause {
        return Some(Obstacle::Paused(pause.until));
    }
    if let Some(until) = plan.maintenance_until(now) {
        return Some(Obstacle::Maintenance(until));
    }
    if state.unwritable.is_some() {
        return Some(Obstacle::Unwritable);
    }
    if is_busy(state) {
        return Some(Obstacle::Moving);
    }
    let until = state.last_move?.after(plan.move_window);
    (now < until).then_some(Obstacle::Window(until))
}

/// Whether a change is being made that others have to wait for.
pub(super) fn is_busy(state: &State) -> bool {
    state.restarting.is_some()
        || state.tracks.iter().any(|track| {
            track
                .moving
                .as_ref()
                .is_some_and(|moving| moving.asked < super::plan::PATIENCE)
        })
}

/// The failed layer that nothing that can be chosen for `subject` mends. A process that has died is started again whatever
/// else has failed.
///
/// A tailscaled that is stopped because the tunnel was taken down is no reason to leave the tunnel down.
pub(super) fn blocking<'a>(plan: &Plan, state: &'a State, subject: &Subject) -> Option<&'a Layer> {
    let layers = &state.layers;
    let of_tunnel = *subject == Subject::Tunnel;
    let died = layers.contains(&Layer::Daemon(DaemonFault::NotRunning));
    layers
        .iter()
        .filter(|layer| !(of_tunnel && state.is_own_doing(layer)))
        .find(|layer| blocks(plan, layer, subject) && !(died && of_tunnel))
}

/// The relays block nothing: connections go on without them. So they do without the control plane; but a tunnel that is
/// restarted or taken down then would not come up. Nothing that stands above blocks anything.
fn blocks(plan: &Plan, layer: &Layer, subject: &Subject) -> bool {
    match layer {
        Layer::Link => true,
        Layer::Gateway | Layer::Internet => matches!(subject, Subject::ExitNode | Subject::Tunnel),
        Layer::Dns => *subject == Subject::Tunnel || (*subject == Subject::ExitNode && plan.egress_by_name),
        Layer::Control => *subject == Subject::Tunnel,
        Layer::Daemon(DaemonFault::NotRunning | DaemonFault::Starting) => {
            matches!(subject, Subject::ExitNode | Subject::Routes)
        }
        Layer::Daemon(_) => matches!(subject, Subject::ExitNode | Subject::Routes | Subject::Tunnel),
        Layer::Derp | Layer::Peer(_) | Layer::ExitNode(_) | Layer::SubnetRouter(_) | Layer::Service(_) => false,
    }
}

/// From when tailscaled may be restarted; `None`: at any time.
pub(super) fn restart_possible_from(restarts: &[Moment], limit: &RestartLimit, now: Moment) -> Option<Moment> {
    let last = restarts.iter().max()?;
    let after_last = last.after(limit.interval);
    let mut today: Vec<Moment> = restarts.iter().copied().filter(|at| now < at.after(DAY)).collect();
    today.sort_unstable();
    let per_day = usize::try_from(limit.per_day).unwrap_or(usize::MAX).max(1);
    let after_day = today
        .len()
        .checked_sub(per_day)
        .and_then(|surplus| today.get(surplus))
        .map_or(Moment::default(), |at| at.after(DAY));
    Some(after_last.max(after_day))
}
