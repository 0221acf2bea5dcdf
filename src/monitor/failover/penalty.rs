//! The penalty of what was left because it failed.

use serde::{Deserialize, Serialize};

use crate::monitor::{ClockStep, Moment};
use crate::net::TimeSpan;

/// How often a setting was left because it failed, and when last. It is held down for a time that doubles with each time
/// (the damping of flapping routes, RFC 2439, with a bound that is reached early, as RFC 7454 §6.4.3 counsels).
///
/// A penalty is halved for every two longest hold-downs that pass without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Penalty {
    flaps: u32,
    last: Moment,
}

impl Penalty {
    /// How often it was left, as far as that is not forgiven.
    pub fn flaps(&self, max_hold_down: TimeSpan, now: Moment) -> u32 {
        let half_life = max_hold_down.as_millis().saturating_mul(2).max(1);
        let halvings = now.since(self.last).as_millis() / u128::from(half_life);
        u32::try_from(halvings)
            .ok()
            .and_then(|halvings| self.flaps.checked_shr(halvings))
            .unwrap_or(0)
    }

    /// It was left once more.
    pub(super) fn add(&mut self, max_hold_down: TimeSpan, now: Moment) {
        // More than 32 doublings are more than any bound.
        self.flaps = self.flaps(max_hold_down, now).saturating_add(1).min(32);
        self.last = now;
    }

    /// When it may be wanted again.
    pub fn held_until(&self, hold_down: TimeSpan, max_hold_down: TimeSpan) -> Moment {
        if self.flaps == 0 {
            return self.last;
        }
        let hold = 1_u64
            .checked_shl(self.flaps - 1)
            .and_then(|factor| hold_down.as_millis().checked_mul(factor))
            .unwrap_or(u64::MAX)
            .min(max_hold_down.as_millis());
        self.last.after_millis(hold)
    }

    /// When it may be fled to, although it is held: what is in force carries nothing. At most four first hold-downs for the
    /// first five times, and twice as long for every two more: ways that fail in turn are not changed for each other for
    /// ever at the same rate.
    pub fn refuge_after(&self, hold_down: TimeSpan, max_hold_down: TimeSpan) -> Moment {
        let doublings = (self.flaps / 2).max(2);
        let bound = 1_u64
            .checked_shl(doublings)
            .and_then(|factor| hold_down.as_millis().checked_mul(factor))
            .unwrap_or(u64::MAX);
        self.held_until(hold_down, max_hold_down)
            .min(self.last.after_millis(bound))
    }

    /// The same penalty in a time that is `by` milliseconds earlier.
    pub(super) fn moved_back(self, by: u64) -> Self {
        Self {
            last: self.last.before_millis(by),
            ..self
        }
    }

    /// The same penalty by a clock that was set so.
    pub(super) fn moved(self, step: ClockStep) -> Self {
        Self {
            last: self.last.moved(step),
            ..self
        }
    }

    /// When it was last left.
    pub(super) fn last(&self) -> Moment {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOLD: TimeSpan = TimeSpan::constant_millis(1_000);
    const MAX: TimeSpan = TimeSpan::constant_millis(10_000);

    fn at(millis: u64) -> Moment {
        Moment::from_millis(millis)
    }

    #[test]
    fn it_doubles_up_to_the_bound_and_is_forgiven() {
        let mut penalty = Penalty::default();
        let mut now = at(0);
        let (mut holds, mut refuges) = (Vec::new(), Vec::new());
        for _ in 0..6 {
            penalty.add(MAX, now);
            let until = penalty.held_until(HOLD, MAX);
            holds.push(until.since(now).as_secs());
            refuges.push(penalty.refuge_after(HOLD, MAX).since(now).as_secs());
            now = until;
        }
        assert_eq!(holds, [1, 2, 4, 8, 10, 10]);
        assert_eq!(refuges, [1, 2, 4, 4, 4, 8]);
        let last = penalty.last();
        for (later, flaps) in [
            (0, 6),
            (19_999, 6),
            (20_000, 3),
            (40_000, 1),
            (60_000, 0),
            (u64::MAX, 0),
        ] {
            assert_eq!(penalty.flaps(MAX, last.after_millis(later)), flaps, "{later}");
        }
    }

    proptest! {
        /// Someone who leaves as soon as the hold-down is over reaches the bound and stays there: what flaps for ever is
        /// left at most once in every longest hold-down.
        #[test]
        fn what_flaps_for_ever_is_left_rarely(gaps in proptest::collection::vec(0_u64..9_999, 20..60)) {
            let mut penalty = Penalty::default();
            let mut now = at(5);
            for (index, gap) in gaps.into_iter().enumerate() {
                now = now.after_millis(gap);
                penalty.add(MAX, now);
                let held = penalty.held_until(HOLD, MAX).since(now);
                if index >= 4 {
                    prop_assert_eq!(held.as_millis(), 10_000);
                }
                now = penalty.held_until(HOLD, MAX);
            }
        }
    }
}
