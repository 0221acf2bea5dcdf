//! Messages to people.

use crate::monitor::metrics::{Alert, Metric, Severity, Unit};

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "tailwright_messages_sent_total",
        "Messages to people that were delivered.",
    )
    .drawn("Messages")
    .from("counts.alertsSent", |report, samples| {
        samples.count([], report.counts.alerts_sent);
    }),
    Metric::counter(
        "tailwright_message_failures_total",
        "Attempts to deliver a message that failed.",
    )
    .drawn("Messages")
    .from("counts.alertsFailed", |report, samples| {
        samples.count([], report.counts.alerts_failed);
    }),
    Metric::gauge(
        "tailwright_messages_waiting",
        Unit::Count,
        "Messages that wait to be delivered.",
    )
    .drawn("Waiting messages")
    .from("counts.alertsWaiting", |report, samples| {
        samples.count([], report.counts.alerts_waiting);
    })
    .alerts(&[Alert {
        name: "TailwrightMessagesWait",
        when: "$metric > 0",
        after: "30m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: {{ $value }} messages to people cannot be delivered",
        what_to_do: "See why: journalctl -u tailwright-monitor",
    }]),
];
