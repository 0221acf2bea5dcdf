//! What the machine remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::choice::{Choice, Wanted, gate};
use super::event::Ending;
use super::safety::Ground;
use super::{Alarm, Chosen, Obstacle, Phase, Plan, Setting, Subject, Track};
use crate::monitor::Moment;
use crate::monitor::diagnosis::{DaemonFault, Layer, Notice};

/// Everything that the machine remembers. It is written to disk as JSON before and after each action; a reader takes
/// fields that it does not know, and does without those that it misses.
///
/// What is measured is not written: after a restart it is measured again. Times are those of [`Moment`]; where the clock
/// stands earlier than the state at the start, everything in the state is moved back by as much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    version: u32,
    /// When it was last changed.
    #[serde(default)]
    pub(super) clock: Moment,
    /// The subjects that were seen.
    #[serde(default)]
    pub(super) tracks: Vec<Track>,
    /// The last move of any subject, or the last attempt at one.
    #[serde(default)]
    pub(super) last_move: Option<Moment>,
    /// Whether moves are paused.
    #[serde(default)]
    pub(super) pause: Option<Pause>,
    /// The last restarts of tailscaled, oldest first.
    #[serde(default)]
    pub(super) restarts: Vec<Moment>,
    /// The restart that is under way.
    #[serde(default)]
    pub(super) restarting: Option<(u64, Moment)>,
    /// What people have been told and not been told to be over.
    #[serde(default)]
    pub(super) alarms: BTreeSet<Alarm>,
    /// The number of the next action.
    #[serde(default)]
    pub(super) next_token: u64,
    /// Whether the former state was lost, so that what is found may be what the machine chose.
    #[serde(default)]
    pub(super) lost: bool,
    /// Whether a diagnosis has been made since the start.
    #[serde(skip)]
    pub(super) diagnosed: bool,
    /// The layers that have failed by themselves.
    #[serde(skip)]
    pub(super) layers: BTreeSet<Layer>,
    /// What will not work for long; `None`: nobody has said since the start.
    #[serde(skip)]
    pub(super) notices: Option<BTreeSet<Notice>>,
    /// The host's own network.
    #[serde(skip)]
    pub(super) ground: Ground,
    /// What is in force of the subjects that the plan does not name.
    #[serde(skip)]
    pub(super) unplanned: BTreeMap<Subject, Setting>,
    /// Whether it could not be written, and when that is tried again.
    #[serde(skip)]
    pub(super) unwritable: Option<Moment>,
    /// Whether the program is about to end.
    #[serde(skip)]
    pub(super) stopping: Option<Stopping>,
}

/// Moves are paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until then; `None`: until resumed.
    #[serde(default)]
    pub until: Option<Moment>,
}

/// The program is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopping {
    pub(super) ending: Ending,
    /// It ends at the latest then.
    pub(super) by: Moment,
    /// Whether what is to be put back has been.
    pub(super) restored: bool,
}

/// Why a state could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// A later version of the program wrote it. It should be kept aside for that.
    Newer(u32),
    /// It is damaged.
    Broken(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(version) => write!(
                f,
                "the state is of version {version}, and this program knows version {}",
                State::VERSION
            ),
            Self::Broken(reason) => write!(f, "the state is damaged: {reason}"),
        }
    }
}

impl std::error::Error for StateError {}

impl State {
    /// The version of the format.
    pub const VERSION: u32 = 1;

    /// The state of a host that the machine has never seen.
    pub fn new() -> Self {
        Self {
            version: Self::VERSION,
            clock: Moment::default(),
            tracks: Vec::new(),
            last_move: None,
            pause: None,
            restarts: Vec::new(),
            restarting: None,
            alarms: BTreeSet::new(),
            next_token: 0,
            lost: false,
            diagnosed: false,
            layers: BTreeSet::new(),
            notices: None,
            ground: Ground::default(),
            unplanned: BTreeMap::new(),
            unwritable: None,
            stopping: None,
        }
    }

    /// The state of a host whose former state cannot be read: a setting that the plan lists and does not want is then taken
    /// for the machine's own choice, so that it is returned from, not for somebody else's.
    pub fn lost() -> Self {
        Self {
            lost: true,
            ..Self::new()
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(text: &str) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let broken = |error: serde_json::Error| StateError::Broken(error.to_string());
        let Versioned { version } = serde_json::from_str(text).map_err(broken)?;
        if version > Self::VERSION {
            return Err(StateError::Newer(version));
        }
        let mut state: Self = serde_json::from_str(text).map_err(broken)?;
        let mut subjects = BTreeSet::new();
        state.tracks.retain(|track| {
            track.standing.subject() == track.subject
                && track.found.subject() == track.subject
                && track
                    .moving
                    .as_ref()
                    .is_none_or(|moving| moving.to.subject() == track.subject)
                && track.late.iter().all(|late| {
                    [&late.from, &late.moving.to]
                        .into_iter()
                        .all(|setting| setting.subject() == track.subject)
                })
                && subjects.insert(track.subject.clone())
        });
        for track in &mut state.tracks {
            while track.penalties.len() > 64 {
                track.penalties.pop_last();
            }
            track.late.truncate(64);
        }
        state.restarts.truncate(64);
        Ok(state)
    }

    /// The state as JSON, one line.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The subjects that were seen.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// One subject.
    pub fn track(&self, subject: &Subject) -> Option<&Track> {
        self.tracks.iter().find(|track| track.subject == *subject)
    }

    /// The last move, or the last attempt at one.
    pub fn last_move(&self) -> Option<Moment> {
        self.last_move
    }

    /// Whether moves are paused.
    pub fn pause(&self) -> Option<Pause> {
        self.pause
    }

    /// What people have been told and not been told to be over.
    pub fn alarms(&self) -> &BTreeSet<Alarm> {
        &self.alarms
    }

    /// The layers that have failed by themselves.
    pub fn layers(&self) -> &BTreeSet<Layer> {
        &self.layers
    }

    /// Where a subject stands; `None` where it was not seen yet.
    pub fn phase(&self, plan: &Plan, subject: &Subject, now: Moment) -> Option<Phase> {
        self.choice(plan, subject, now).map(|choice| choice.phase())
    }

    /// What would be put in force next for a subject, if anything, and what stands against it.
    pub fn prospect(&self, plan: &Plan, subject: &Subject, now: Moment) -> (Option<Setting>, Option<Obstacle>) {
        let Some(choice) = self.choice(plan, subject, now) else {
            return (None, None);
        };
        match choice.wish() {
            Ok(None) => (None, None),
            Ok(Some(wish)) => {
                let to = match wish.what {
                    Wanted::Move(to) => Some(to),
                    Wanted::Restart => None,
                };
                (to, gate(plan, self, now))
            }
            Err(obstacle) => (None, Some(obstacle)),
        }
    }

    fn choice<'a>(&'a self, plan: &'a Plan, subject: &Subject, now: Moment) -> Option<Choice<'a>> {
        let track = self.track(subject)?;
        Some(Choice {
            plan,
            state: self,
            track,
            now,
        })
    }

    /// Whether that layer has failed because the machine, or the operator through it, took the tunnel down: nobody else did,
    /// and it is brought up again in time. tailscaled says so a little before the change is done, and after it.
    pub(super) fn is_own_doing(&self, layer: &Layer) -> bool {
        let is_down = |setting: &Setting| *setting == Setting::Tunnel(false);
        *layer == Layer::Daemon(DaemonFault::Stopped)
            && self.track(&Subject::Tunnel).is_some_and(|track| {
                let by_hand = track.chosen.as_ref().is_some_and(|chosen| chosen.by == Chosen::Hand);
                let begins = track.moving.as_ref().is_some_and(|moving| is_down(&moving.to));
                let ends = track.settling.as_ref().is_some_and(|settling| is_down(&settling.from));
                !by_hand && (is_down(&track.standing) || begins || ends)
            })
    }

    /// What is in force.
    pub(super) fn in_force(&self) -> BTreeMap<Subject, Setting> {
        let planned = self.tracks.iter();
        let planned = planned.map(|track| (track.subject.clone(), track.standing.clone()));
        self.unplanned.clone().into_iter().chain(planned).collect()
    }

    pub(super) fn track_mut(&mut self, subject: &Subject) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.subject == *subject)
    }

    /// Makes the state fit a clock that may have been set since it was written: nothing has happened in the future.
    pub(super) fn fit_clock(&mut self, now: Moment) {
        let by = u64::try_from(self.clock.since(now).as_millis()).unwrap_or(u64::MAX);
        let past = |at: &mut Moment| *at = at.before_millis(by).min(now);
        let future = |at: &mut Moment| *at = at.before_millis(by);
        for track in &mut self.tracks {
            past(&mut track.since);
            for penalty in track.penalties.values_mut() {
                *penalty = penalty.moved_back(by);
                let ahead = u64::try_from(penalty.last().since(now).as_millis()).unwrap_or(u64::MAX);
                *penalty = penalty.moved_back(ahead);
            }
            if let Some(moving) = &mut track.moving {
                past(&mut moving.began);
                let former = moving.former.as_mut().and_then(|chosen| chosen.until.as_mut());
                former.into_iter().for_each(future);
            }
            if let Some(trial) = &mut track.trial {
                future(&mut trial.until);
            }
            if let Some(settling) = &mut track.settling {
                future(&mut settling.until);
            }
            track.late.iter_mut().for_each(|late| late.move_back(by));
            if let Some(until) = track.chosen.as_mut().and_then(|chosen| chosen.until.as_mut()) {
                future(until);
            }
        }
        if let Some(until) = self.pause.as_mut().and_then(|pause| pause.until.as_mut()) {
            future(until);
        }
        self.last_move.iter_mut().for_each(past);
        self.restarts.iter_mut().for_each(past);
        if let Some((_, began)) = &mut self.restarting {
            past(began);
        }
        self.clock = now;
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
