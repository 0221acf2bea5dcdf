//! When somebody is told by Prometheus.

/// An alert on one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// When it is so, as Prometheus asks for it; `$metric` stands for the metric's name.
    pub when: &'static str,
    /// For how long before somebody is told, as Prometheus writes it (`2m`).
    pub after: &'static str,
    /// How bad it is.
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

/// How bad it is: the label `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Somebody should know.
    Info,
    /// Somebody should look at it today.
    Warning,
    /// Somebody should look at it now.
    Critical,
}

impl Severity {
    /// The value of the label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}
