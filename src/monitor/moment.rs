//! Points in time, as the monitor is told them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::net::TimeSpan;

/// A point in time, in milliseconds since 1970-01-01 UTC.
///
/// The driver reads the wall clock and adds what `CLOCK_BOOTTIME` says has passed since (`clock_gettime(2)`): a suspended
/// machine's sleep counts, and a clock that is slewed moves nothing. Where the wall clock is set, everything that is remembered
/// is moved with it by a [`ClockStep`]: what is waited for takes as long as before, and is told with the right time. Across a
/// restart the clock may have been set as well; [`failover::State`](super::failover::State) says what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(u64);

impl Moment {
    /// So many milliseconds after 1970-01-01 UTC.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment that comes `span` later.
    #[must_use]
    pub fn after(self, span: TimeSpan) -> Self {
        Self(self.0.saturating_add(span.as_millis()))
    }

    /// The moment that comes so many milliseconds later.
    #[must_use]
    pub fn after_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The moment that lies so many milliseconds earlier, not before 1970.
    #[must_use]
    pub fn before_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// The same moment by a clock that was set so.
    #[must_use]
    pub fn moved(self, step: ClockStep) -> Self {
        Self(self.0.saturating_add_signed(step.0))
    }

    /// How much later this moment is than `earlier`; nothing where it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// By how much the wall clock was set, in milliseconds: forwards, or backwards where it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockStep(i64);

impl ClockStep {
    /// From one time on the wall to another.
    pub fn between(from: Moment, to: Moment) -> Self {
        let by = i128::from(to.0) - i128::from(from.0);
        let most = if by < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(by).unwrap_or(most))
    }

    /// How far, whichever way.
    pub fn size(self) -> Duration {
        Duration::from_millis(self.0.unsigned_abs())
    }

    /// Whether it was set forwards.
    pub fn is_forward(self) -> bool {
        self.0 > 0
    }
}
