//! The monitor of `tsctl`: what it measures, what it concludes, what it does, and why.
//!
//! Everything here is a pure function of values and of the time that it is told; sockets, clocks and files belong to the
//! driver.
//!
//! - [`watch`]: what is measured when, and what it says of the whole host.
//! - [`probe`]: what a series of measurements says: loss, percentiles, jitter, the class of a path.
//! - [`Verdict`]: what one check says of one way through the network.
//! - [`diagnosis`]: which layer failed; a failure explains those that rest on it.
//! - [`failover`]: the machine that decides which preference of tailscaled is changed, and when it is changed back.
//! - [`Decision`]: why it did that, as data.
//! - [`alert`]: what people are told, and when.
//! - [`Report`]: what it knows and does now, for commands and metrics.
//! - [`metrics`]: the same for Prometheus, with alert rules and a dashboard.

pub mod alert;
pub mod decision;
pub mod diagnosis;
pub mod failover;
pub mod metrics;
mod moment;
pub mod probe;
mod report;
mod verdict;
pub mod watch;

pub use decision::Decision;
pub use moment::{ClockStep, Moment};
pub use report::{Counts, Reading, Report, SettingReport, SubjectReport};
pub use verdict::{Fault, Level, Verdict};
