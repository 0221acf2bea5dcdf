//! The clocks of the host.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::firewall::moment::{Moment, WallTime};

/// The time since the machine started.
pub(crate) fn now() -> Moment {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    Moment::from_millis(seconds.saturating_mul(1_000).saturating_add(nanos / 1_000_000))
}

/// The time on the wall.
pub(crate) fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix(since.as_secs())
}

/// Lets time pass.
pub(crate) fn sleep(span: Duration) {
    std::thread::sleep(span);
}
