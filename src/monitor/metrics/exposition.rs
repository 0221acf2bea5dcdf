//! What is scraped: the text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;

use super::{Metric, Samples, metrics};
use crate::monitor::Report;

/// The media type of [`exposition`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How many samples were left out, which only the exposition itself knows.
pub(super) const LEFT_OUT: &str = "tailwright_metrics_left_out";

/// The report as metrics: for each that has samples its help, its type and the samples.
pub fn exposition(report: &Report) -> String {
    let mut out = String::new();
    let mut left_out = 0_u64;
    for metric in metrics() {
        let mut samples = Samples::default();
        if metric.name == LEFT_OUT {
            // It is the last of the list.
            samples.count([], left_out);
        } else {
            metric.collect.run(report, &mut samples);
            left_out = left_out.saturating_add(samples.left_out());
        }
        family(&mut out, metric, &samples);
    }
    out
}

fn family(out: &mut String, metric: &Metric, samples: &Samples) {
    let name = metric.name;
    let mut samples = samples.iter().peekable();
    if samples.peek().is_none() {
        return;
    }
    let help = metric.help.replace('\\', "\\\\").replace('\n', "\\n");
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {}", metric.kind.name());
    for (values, value) in samples {
        out.push_str(name);
        for (position, (label, text)) in metric.labels.iter().zip(values).enumerate() {
            out.push(if position == 0 { '{' } else { ',' });
            let _ = write!(out, "{label}=\"");
            escape(out, text);
            out.push('"');
        }
        if !metric.labels.is_empty() {
            out.push('}');
        }
        let _ = writeln!(out, " {value}");
    }
}

/// A label's value: a backslash, a quote and a line end are escaped, everything else stands as it is.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
}
