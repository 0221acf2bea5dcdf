//! How often a receiver may be written to.

use serde::{Deserialize, Serialize};

use crate::model::Receiver;
use crate::monitor::{ClockStep, Moment};

/// How often a receiver may be written to: `burst` messages at once, and one more after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    interval: u64,
    burst: u64,
}

impl Pace {
    pub(super) fn of<S>(receiver: &Receiver<S>) -> Self {
        Self {
            interval: 3_600_000 / u64::from(receiver.messages_per_hour.clamp(1, 3_600)),
            burst: u64::from(receiver.burst.clamp(1, 100)),
        }
    }

    /// What a whole burst takes to be allowed again.
    fn whole(self) -> u64 {
        self.interval.saturating_mul(self.burst)
    }
}

/// A token bucket, kept as the one moment at which it is full again (the virtual scheduling algorithm, ITU-T I.371
/// annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Bucket(Moment);

impl Bucket {
    /// From when on a message may be sent.
    pub(super) fn ready(self, pace: Pace) -> Moment {
        self.0.before_millis(pace.whole().saturating_sub(pace.interval))
    }

    /// A message is sent.
    pub(super) fn take(&mut self, pace: Pace, now: Moment) {
        self.0 = self.0.max(now).after_millis(pace.interval);
    }

    /// The clock was set.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        self.0 = self.0.moved(step);
    }

    /// It did not arrive: it does not count.
    pub(super) fn put_back(&mut self, pace: Pace) {
        self.0 = self.0.before_millis(pace.interval);
    }

    /// The clock may have been set back: nothing waits longer than an empty bucket does.
    pub(super) fn settle(&mut self, pace: Pace, now: Moment) {
        self.0 = self.0.min(now.after_millis(pace.whole()));
    }
}
