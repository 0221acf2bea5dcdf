//! Points in time, as the monitor is told them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::net::TimeSpan;

/// A point in time, in milliseconds since 1970-01-01 UTC.
///
/// The driver reads the wall clock once and adds what `CLOCK_BOOTTIME` says has passed since (`clock_gettime(2)`): while it
/// runs, setting the clock moves nothing, and a suspended machine's sleep counts. Across a restart the clock may have been
/// set; [`failover::State`](super::failover::State) says what happens then.
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

    /// How much later this moment is than `earlier`; nothing where it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}
