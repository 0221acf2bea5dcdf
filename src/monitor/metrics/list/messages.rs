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
    Metric::counter(
        "tailwright_messages_given_up_total",
        "Messages that a receiver refused again and again: it will never have them.",
    )
    .drawn("Messages")
    .from("counts.alertsGivenUp", |report, samples| {
        samples.count([], report.counts.alerts_given_up);
    })
    .alerts(&[Alert {
        name: "TailwrightMessagesGivenUp",
        when: "increase($metric[1h]) > 0",
        after: "0m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: {{ $value | humanize }} messages to people were refused and given up",
        what_to_do: "See who refuses them, and why: journalctl -u tailwright-monitor",
    }]),
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
