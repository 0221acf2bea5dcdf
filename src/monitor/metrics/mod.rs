//! What Prometheus is told of the monitor.
//!
//! [`LIST`] is the one list: names, units and labels after Prometheus' conventions, and which part of a
//! [`Report`](super::Report) each is made from. From it come [`exposition()`] (what is scraped), [`rules()`] (when somebody is
//! told), [`dashboard()`] (what is drawn), and the table in `docs/metrics.md`.
//!
//! How many series there are is bounded: labels hold words of the settings and of this program, never what the tailnet
//! says of itself, and of each metric at most [`MOST`] samples are written; how many were left out is a metric too.

mod alert;
mod dashboard;
mod exposition;
mod list;
mod metric;
mod rules;
mod samples;
mod words;

pub use crate::model::Severity;
pub use alert::Alert;
pub use dashboard::dashboard;
pub use exposition::{CONTENT_TYPE, exposition};
pub use list::{LIST, metrics};
pub use metric::{Collect, Group, Kind, Metric, Unit};
pub use rules::rules;
pub use samples::{MOST, Samples};

#[cfg(test)]
mod tests;
