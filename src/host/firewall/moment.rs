//! Points in time that no clock setting moves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::net::WallTime;

/// A point in time, in milliseconds since the machine started, sleep included (`CLOCK_BOOTTIME`, `clock_gettime(2)`): a
/// deadline must not move when the wall clock is set, and must not wait for a laptop to be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(u64);

impl Moment {
    /// So many milliseconds after the start of the machine.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start of the machine.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment that comes `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// How much later this moment is than `earlier`; nothing where it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_never_negative() {
        let (early, late) = (Moment::from_millis(1_000), Moment::from_millis(2_500));
        assert_eq!(late.since(early), Duration::from_millis(1_500));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.after(Duration::from_millis(1_500)), late);
        assert_eq!(late.after(Duration::MAX).as_millis(), u64::MAX);
    }
}
