//! When somebody is told by Prometheus.

use crate::model::Severity;

/// An alert on one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// When it is so, as Prometheus asks for it; `$metric` stands for the metric's name.
    pub when: &'static str,
    /// For how long before somebody is told, as Prometheus writes it (`2m`).
    pub after: &'static str,
    /// How much it matters: the label `severity`.
    pub severity: Severity,
    /// What it is, in one line; `{{ $labels.… }}` and `{{ $value }}` are Prometheus' templates.
    pub summary: &'static str,
    /// What to look at.
    pub what_to_do: &'static str,
}

impl Alert {
    /// The expression of the alert on the metric of that name.
    pub fn expression(&self, metric: &str) -> String {
        self.when.replace("$metric", metric)
    }
}
