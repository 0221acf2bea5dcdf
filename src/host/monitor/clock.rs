//! The clock of the monitor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::host::clock;
use crate::host::firewall::moment::Moment as Boot;
use crate::monitor::{ClockStep, Moment};

/// A wall clock that differs by more from what has been counted has been set.
const SET: Duration = Duration::from_secs(2);

/// The clock of the monitor: the wall clock is read, and what has passed since is counted by `CLOCK_BOOTTIME`, in which the sleep
/// of a machine counts. A host may start with a wrong clock that is set later (a machine without a battery, NTP): then the wall
/// clock is read again, and [`fit`](Self::fit) says by how much it was set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// What the wall clock said when it was read.
    wall: Moment,
    /// What `CLOCK_BOOTTIME` said then.
    boot: Boot,
}

impl Clock {
    /// Reads both clocks.
    pub(crate) fn start() -> Self {
        Self {
            wall: wall(),
            boot: clock::now(),
        }
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        self.at(clock::now())
    }

    fn at(&self, boot: Boot) -> Moment {
        let passed = boot.since(self.boot);
        self.wall
            .after_millis(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    /// How long it is until then; nothing where that has passed.
    pub(crate) fn until(&self, moment: Moment) -> Duration {
        moment.since(self.now())
    }

    /// Goes on from what the wall clock says now, where that was set; by how much.
    pub(crate) fn fit(&mut self) -> Option<ClockStep> {
        self.fit_to(wall(), clock::now())
    }

    fn fit_to(&mut self, wall: Moment, boot: Boot) -> Option<ClockStep> {
        let step = ClockStep::between(self.at(boot), wall);
        (step.size() > SET).then(|| {
            *self = Self { wall, boot };
            step
        })
    }
}

fn wall() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward_from_the_wall() {
        let clock = Clock::start();
        let first = clock.now();
        assert!(first.as_millis() > 1_700_000_000_000, "{first:?}");
        let later = first.after_millis(60_000);
        assert!(clock.until(later) <= Duration::from_mins(1));
        assert_eq!(clock.until(first.before_millis(1)), Duration::ZERO);
        assert!(clock.now() >= first);
    }

    #[test]
    fn a_clock_that_is_set_is_followed_and_one_that_is_slewed_is_not() {
        let boot = |seconds: u64| Boot::from_millis(seconds * 1_000);
        let wall = |seconds: u64| Moment::from_millis(seconds * 1_000);
        let mut clock = Clock {
            wall: wall(1_000),
            boot: boot(10),
        };
        // A night's sleep is counted by both.
        assert_eq!(clock.fit_to(wall(31_000), boot(30_010)), None);
        assert_eq!(clock.fit_to(wall(31_102), boot(30_110)), None, "2 s are no step");
        assert_eq!(clock.at(boot(30_110)), wall(31_100));
        let forward = clock.fit_to(wall(1_700_000_000), boot(30_110)).expect("it was set");
        assert!(forward.is_forward());
        assert_eq!(wall(31_100).moved(forward), wall(1_700_000_000));
        assert_eq!(clock.at(boot(30_111)), wall(1_700_000_001));
        let back = clock.fit_to(wall(1_699_996_401), boot(30_111)).expect("it was set");
        assert_eq!((back.is_forward(), back.size()), (false, Duration::from_hours(1)));
        assert_eq!(clock.fit_to(wall(1_699_996_402), boot(30_112)), None, "once");
    }
}
