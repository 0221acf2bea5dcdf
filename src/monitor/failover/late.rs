//! A change that may still be carried out, although nobody waits for it any more.

use serde::{Deserialize, Serialize};

use super::{Moving, Override, Setting};
use crate::monitor::{ClockStep, Moment};
use crate::net::TimeSpan;

/// How long a change that was not answered may still be carried out. A tailscaled that hangs (on the kernel, on a resolver) takes
/// up what it was asked as soon as it goes on.
const MAY_COME: TimeSpan = TimeSpan::constant_millis(300_000);

/// A change that was asked for and not answered. Until its time is over, or a later one is answered, it is the machine's own
/// whenever it comes to be in force: nobody else is thought to have done exactly that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Late {
    /// The change.
    pub(super) moving: Moving,
    /// What was in force.
    pub(super) from: Setting,
    /// Whose choice it was to be.
    #[serde(default)]
    pub(super) chosen: Option<Override>,
    /// Until when it may come.
    pub(super) until: Moment,
}

impl Late {
    /// The change that is given up now.
    pub(super) fn new(moving: Moving, from: Setting, chosen: Option<Override>, now: Moment) -> Self {
        Self {
            moving,
            from,
            chosen,
            until: now.after(MAY_COME),
        }
    }

    /// Everything is moved back by so many milliseconds.
    pub(super) fn move_back(&mut self, by: u64) {
        self.each(|at| *at = at.before_millis(by));
    }

    /// The clock was set.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        self.each(|at| *at = at.moved(step));
    }

    fn each(&mut self, set: impl Fn(&mut Moment)) {
        set(&mut self.moving.began);
        set(&mut self.until);
        let choices = self.chosen.iter_mut().chain(&mut self.moving.former);
        choices.filter_map(|chosen| chosen.until.as_mut()).for_each(set);
    }
}
