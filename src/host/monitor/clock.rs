//! The clock of the monitor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::host::clock;
use crate::monitor::Moment;

/// The clock of the monitor: the wall clock is read once, and what has passed since is counted by `CLOCK_BOOTTIME`. Setting
/// the clock (NTP) moves nothing, and the sleep of a machine counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// Milliseconds since 1970 when it was made.
    wall: u64,
    /// What `CLOCK_BOOTTIME` said then.
    boot: crate::host::firewall::moment::Moment,
}

impl Clock {
    /// Reads both clocks.
    pub(crate) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            wall: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            boot: clock::now(),
        }
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        let passed = clock::now().since(self.boot);
        Moment::from_millis(self.wall).after_millis(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    /// How long it is until then; nothing where that has passed.
    pub(crate) fn until(&self, moment: Moment) -> Duration {
        moment.since(self.now())
    }
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
}
