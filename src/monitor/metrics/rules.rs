//! The alert rules for Prometheus.

use std::fmt::Write as _;

use super::metrics;

/// The alerts of all metrics as a file of rules (YAML), for `services.prometheus.ruleFiles`.
pub fn rules() -> String {
    let mut out = String::from(
        "# Alerts of tailwright's monitor. `tsctl metrics --rules` prints this file.\n\
         groups:\n  - name: tailwright\n    rules:\n",
    );
    for metric in metrics() {
        for alert in metric.alerts {
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "      - alert: {}\n        expr: {}\n        for: {}\n        labels:\n          severity: {}\n        \
                 annotations:\n          summary: {}\n          description: {}",
                alert.name,
                quoted(&alert.expression(metric.name)),
                alert.after,
                alert.severity.as_str(),
                quoted(alert.summary),
                quoted(alert.what_to_do),
            );
        }
    }
    out
}

/// A text of one line as a single-quoted scalar (YAML 1.2 section 7.3.2).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
