//! The one list.

mod diagnosis;
mod failover;
mod messages;
mod monitor;
mod probes;

use super::{Group, Metric};

/// Every metric, in the order in which they are written.
pub const LIST: [(Group, &[Metric]); 5] = [
    (Group::Failover, failover::METRICS),
    (Group::Diagnosis, diagnosis::METRICS),
    (Group::Probes, probes::METRICS),
    (Group::Messages, messages::METRICS),
    (Group::Monitor, monitor::METRICS),
];

/// Every metric.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    LIST.into_iter().flat_map(|(_, metrics)| metrics)
}
