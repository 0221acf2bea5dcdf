//! How a setting is doing: many verdicts, one level.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::monitor::{ClockStep, Fault, Level, Moment, Verdict};

/// How many verdicts change the level. Falling and rising have one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// So many in a row.
    pub consecutive: NonZeroU32,
    /// Or so many out of the last so many, 64 at most.
    pub of: Option<(NonZeroU32, NonZeroU32)>,
}

impl Threshold {
    /// So many in a row, and nothing else; 0 counts as 1.
    pub const fn consecutive(count: u32) -> Self {
        Self {
            consecutive: at_least_one(count),
            of: None,
        }
    }

    /// The same, and `count` out of the last `window` as well. The window has 64 places at most, and `count` is at most
    /// the window.
    #[must_use]
    pub const fn or_of(self, count: u32, window: u32) -> Self {
        let window = if window > 64 { 64 } else { window };
        let count = if count > window { window } else { count };
        Self {
            of: Some((at_least_one(count), at_least_one(window))),
            ..self
        }
    }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// The health of one setting.
///
/// ```text
///                    fall: k in a row, or k of the last n
///   Unknown ── good ──▶ Good ───────────────────────────▶ Degraded ◀──▶ Down
///      └──────── fall ───────────────▶ ▲                         │
///                                      └──── rise: k in a row, ──┘
///                                            or k of the last n
/// ```
///
/// A setting of which nothing bad is known is good after its first good verdict; one that has fallen has to rise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    level: Level,
    /// Since when the level is what it is.
    since: Moment,
    /// Good verdicts in a row.
    good: u32,
    /// Bad verdicts in a row.
    bad: u32,
    /// Verdicts in a row that say [`Verdict::Down`].
    down: u32,
    /// Verdicts in a row that do not.
    answered: u32,
    /// The verdicts since the level last changed between good and bad, the newest in the lowest bit; a bad one is 1.
    recent: u64,
    /// How many of them there are, 64 at most.
    seen: u32,
    fault: Option<Fault>,
}

impl Health {
    /// The level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Since when the level is what it is.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// The last fault that was seen.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Bad verdicts in a row, up to now.
    pub fn bad_in_a_row(&self) -> u32 {
        self.bad
    }

    /// How many of the verdicts since the level last changed between good and bad were bad, and how many there were: at most
    /// the last 64.
    pub fn bad_of(&self) -> (u32, u32) {
        (self.recent.count_ones(), self.seen)
    }

    /// The clock was set.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        self.since = self.since.moved(step);
    }

    /// Counts one verdict.
    pub(super) fn count(&mut self, verdict: Verdict, fall: Threshold, rise: Threshold, now: Moment) {
        let (bad, down, fault) = match verdict {
            Verdict::Unknown => return,
            Verdict::Good => (false, false, None),
            Verdict::Degraded(fault) => (true, false, Some(fault)),
            Verdict::Down(fault) => (true, true, Some(fault)),
        };
        if fault.is_some() {
            self.fault = fault;
        }
        tally(&mut self.good, !bad);
        tally(&mut self.bad, bad);
        tally(&mut self.down, down);
        tally(&mut self.answered, !down);
        self.recent = (self.recent << 1) | u64::from(bad);
        self.seen = (self.seen + 1).min(64);

        let level = match self.level {
            Level::Unknown if !bad => Level::Good,
            Level::Good | Level::Unknown if self.met(fall, true) => self.bad_level(fall),
            Level::Degraded | Level::Down if self.met(rise, false) => Level::Good,
            Level::Degraded if self.down >= fall.consecutive.get() => Level::Down,
            // One lucky answer does not make a dead way a lossy one.
            Level::Down if self.answered >= fall.consecutive.get().min(rise.consecutive.get()) => Level::Degraded,
            level => level,
        };
        if level != self.level {
            if level.is_bad() != self.level.is_bad() {
                (self.recent, self.seen) = (0, 0);
            }
            if level == Level::Good {
                self.fault = None;
            }
            self.level = level;
            self.since = now;
        }
    }

    /// Whether the verdicts up to now meet the threshold.
    fn met(&self, threshold: Threshold, bad: bool) -> bool {
        let run = if bad { self.bad } else { self.good };
        run >= threshold.consecutive.get()
            || threshold.of.is_some_and(|(count, window)| {
                let window = window.get().min(self.seen);
                let mask = u64::MAX.checked_shr(64 - window).unwrap_or(0);
                let bads = (self.recent & mask).count_ones();
                let hits = if bad { bads } else { window - bads };
                hits >= count.get()
            })
    }

    /// How bad a way is that has just fallen: down only where nothing at all came through.
    fn bad_level(&self, fall: Threshold) -> Level {
        if self.down >= fall.consecutive.get() {
            Level::Down
        } else {
            Level::Degraded
        }
    }

    /// Starts counting again, with the level that it has: it is about to be used for more than it was measured for.
    pub(super) fn forget_counts(&mut self) {
        *self = Self {
            level: self.level,
            since: self.since,
            fault: self.fault.take(),
            ..Self::default()
        };
    }
}

fn tally(run: &mut u32, hit: bool) {
    *run = if hit { run.saturating_add(1) } else { 0 };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FALL: Threshold = Threshold::consecutive(3).or_of(4, 10);
    const RISE: Threshold = Threshold::consecutive(5);

    /// `g`ood, `d`egraded, down `x`, `?` unknown.
    fn after(verdicts: &str) -> Health {
        let mut health = Health::default();
        for (index, letter) in verdicts.chars().enumerate() {
            let fault = Fault::NoAnswer { waited: 1 };
            let verdict = match letter {
                'g' => Verdict::Good,
                'd' => Verdict::Degraded(fault),
                'x' => Verdict::Down(fault),
                _ => Verdict::Unknown,
            };
            health.count(verdict, FALL, RISE, Moment::from_millis(index as u64));
        }
        health
    }

    #[test]
    fn levels() {
        for (verdicts, level) in [
            ("", Level::Unknown),
            ("???", Level::Unknown),
            ("g", Level::Good),
            ("xx", Level::Unknown),
            ("xxx", Level::Down),
            ("gxx", Level::Good),
            ("gxxx", Level::Down),
            ("gx?x?x", Level::Down),
            ("gxxd", Level::Degraded),
            ("gddd", Level::Degraded),
            ("gdddxx", Level::Degraded),
            ("gdddxxx", Level::Down),
            // Four of ten.
            ("gdgxgdg", Level::Good),
            ("gdgxgdgd", Level::Degraded),
            // The window starts anew with the level.
            ("gdgxgdgdggggg", Level::Good),
            ("gdgxgdgdgggggd", Level::Good),
            ("gxxxgggg", Level::Degraded),
            ("gxxxg", Level::Down),
            ("gxxxggggxggggg", Level::Good),
            ("gxxxggggg", Level::Good),
        ] {
            assert_eq!(after(verdicts).level(), level, "{verdicts}");
        }
        assert_eq!(after("gxxx").since(), Moment::from_millis(3));
        assert!(after("gxxx").fault().is_some() && after("gxxxggggg").fault().is_none());
    }

    #[test]
    fn rising_by_a_share() {
        let rise = Threshold::consecutive(10).or_of(3, 4);
        let mut health = after("gxxx");
        for (verdict, level) in [
            (Verdict::Good, Level::Down),
            (Verdict::Good, Level::Down),
            (Verdict::Down(Fault::NoSuchNode), Level::Down),
            (Verdict::Good, Level::Good),
        ] {
            health.count(verdict, FALL, rise, Moment::default());
            assert_eq!(health.level(), level);
        }
    }

    #[test]
    fn a_threshold_is_never_out_of_reach() {
        let threshold = Threshold::consecutive(0).or_of(0, 0);
        assert_eq!(threshold.consecutive, NonZeroU32::MIN);
        assert_eq!(threshold.of, Some((NonZeroU32::MIN, NonZeroU32::MIN)));
        assert_eq!(Threshold::consecutive(1).or_of(100, 100).of.unwrap().0.get(), 64);
    }

    proptest! {
        /// A plain count over the whole history says the same as the counters do.
        #[test]
        fn as_counted_by_hand(verdicts in "[gdx?]{0,80}") {
            let known: Vec<char> = verdicts.chars().filter(|letter| *letter != '?').collect();
            let mut level = Level::Unknown;
            let mut start = 0;
            for end in 1..=known.len() {
                let run = |hit: fn(&char) -> bool| known[..end].iter().rev().take_while(|letter| hit(letter)).count();
                let bad = known[end - 1] != 'g';
                let window = &known[start.max(end.saturating_sub(10))..end];
                let falls = run(|letter| *letter != 'g') >= 3
                    || window.iter().filter(|letter| **letter != 'g').count() >= 4;
                let before = level;
                level = match level {
                    Level::Unknown if !bad => Level::Good,
                    Level::Good | Level::Unknown if falls =>
                        if run(|letter| *letter == 'x') >= 3 { Level::Down } else { Level::Degraded },
                    Level::Degraded | Level::Down if run(|letter| *letter == 'g') >= 5 => Level::Good,
                    Level::Degraded if run(|letter| *letter == 'x') >= 3 => Level::Down,
                    Level::Down if run(|letter| *letter != 'x') >= 3 => Level::Degraded,
                    same => same,
                };
                if before.is_bad() != level.is_bad() {
                    start = end;
                }
            }
            prop_assert_eq!(after(&verdicts).level(), level, "{}", verdicts);
        }

        /// Fewer bad verdicts than either threshold wants never make it fall.
        #[test]
        fn below_the_thresholds_nothing_falls(gaps in proptest::collection::vec(4_usize..20, 1..20)) {
            let verdicts: String = gaps.iter().map(|gap| "g".repeat(*gap) + "x").collect();
            let level = after(&("g".to_owned() + &verdicts)).level();
            prop_assert!(!level.is_bad(), "{}", verdicts);
        }
    }
}
