//! What is measured.

use crate::monitor::metrics::samples::number;
use crate::monitor::metrics::{Alert, Metric, Severity, Unit, words};
use crate::monitor::probe::{PathClass, Statistics};

/// What every metric of a target is told apart by.
const TARGET: &[&str] = &["target", "kind"];

/// A time out of the statistics of each target.
const fn statistic(
    name: &'static str,
    help: &'static str,
    field: &'static str,
    time: fn(&Statistics) -> Option<u64>,
) -> Metric {
    Metric::gauge(name, Unit::Seconds, help)
        .labels(TARGET)
        .times(field, time)
}

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "tailwright_probe_verdict",
        Unit::State,
        "What the last checks of each target say.",
    )
    .labels(&["target", "kind", "verdict"])
    .drawn("Verdicts")
    .from("readings[].verdict", |report, samples| {
        for reading in &report.readings {
            let now = words::level_of(reading.verdict.as_ref());
            for level in words::LEVELS {
                samples.flag([&reading.target, &reading.kind, level.name()], now == level);
            }
        }
    })
    .alerts(&[
        Alert {
            name: "TailwrightTargetDown",
            when: "$metric{verdict=\"down\"} == 1",
            after: "5m",
            severity: Severity::Warning,
            summary: "{{ $labels.instance }}: no answer from {{ $labels.target }} ({{ $labels.kind }})",
            what_to_do: "See the way there: tsctl quality; tsctl doctor",
        },
        Alert {
            name: "TailwrightTargetDegraded",
            when: "$metric{verdict=\"degraded\"} == 1",
            after: "15m",
            severity: Severity::Info,
            summary: "{{ $labels.instance }}: {{ $labels.target }} ({{ $labels.kind }}) is slow or lossy",
            what_to_do: "See the way there: tsctl quality",
        },
    ]),
    statistic(
        "tailwright_probe_latency_p50_seconds",
        "The median of the last answers of each target.",
        "readings[].statistics.p50",
        |statistics| statistics.p50,
    )
    .drawn("Latency: half are faster"),
    statistic(
        "tailwright_probe_latency_p95_seconds",
        "95 of 100 of the last answers of each target took no longer.",
        "readings[].statistics.p95",
        |statistics| statistics.p95,
    )
    .drawn("Latency: 95 of 100 are faster"),
    statistic(
        "tailwright_probe_latency_min_seconds",
        "The fastest of the last answers of each target.",
        "readings[].statistics.min",
        |statistics| statistics.min,
    ),
    statistic(
        "tailwright_probe_latency_max_seconds",
        "The slowest of the last answers of each target.",
        "readings[].statistics.max",
        |statistics| statistics.max,
    ),
    statistic(
        "tailwright_probe_jitter_seconds",
        "The mean difference between one answer of a target and the next.",
        "readings[].statistics.jitter",
        |statistics| statistics.jitter,
    )
    .drawn("Jitter"),
    Metric::gauge(
        "tailwright_probe_loss_ratio",
        Unit::Ratio,
        "The share of the last measurements of each target that were not answered.",
    )
    .labels(TARGET)
    .drawn("Loss")
    .from("readings[].statistics.lost", |report, samples| {
        for reading in &report.readings {
            let Statistics { sent, lost, .. } = reading.statistics;
            if sent > 0 {
                samples.add([&reading.target, &reading.kind], number(lost) / number(sent));
            }
        }
    }),
    Metric::gauge(
        "tailwright_probe_window_measurements",
        Unit::Count,
        "How many measurements of each target the latencies and the loss are taken over.",
    )
    .labels(TARGET)
    .from("readings[].statistics.sent", |report, samples| {
        for reading in &report.readings {
            samples.count([&reading.target, &reading.kind], reading.statistics.sent);
        }
    }),
    Metric::gauge(
        "tailwright_probe_path",
        Unit::State,
        "By which kind of way packets reach a target; only where that is known.",
    )
    .labels(&["target", "kind", "path"])
    .drawn("Paths")
    .from("readings[].path", |report, samples| {
        for reading in &report.readings {
            let Some(now) = &reading.path else { continue };
            for path in PathClass::KINDS {
                samples.flag([&reading.target, &reading.kind, path], now.kind() == path);
            }
        }
    })
    .alerts(&[Alert {
        name: "TailwrightRelayed",
        when: "$metric{path=\"derp\"} == 1",
        after: "1h",
        severity: Severity::Info,
        summary: "{{ $labels.instance }}: {{ $labels.target }} has been reached by a relay for an hour",
        what_to_do: "See what is in between: tsctl quality",
    }]),
    Metric::gauge(
        "tailwright_probe_last_check_time_seconds",
        Unit::Time,
        "When each target was checked last; absent before the first check.",
    )
    .labels(TARGET)
    .drawn("Last checks")
    .from("readings[].at", |report, samples| {
        for reading in &report.readings {
            if let Some(at) = reading.at {
                samples.moment([&reading.target, &reading.kind], at);
            }
        }
    }),
    Metric::counter("tailwright_probes_total", "Probes that were sent.")
        .drawn("Probes")
        .from("counts.probes", |report, samples| {
            samples.count([], report.counts.probes);
        })
        .alerts(&[Alert {
            name: "TailwrightProbesStopped",
            when: "increase($metric[15m]) == 0 and tailwright_monitor_check_interval_seconds < 300",
            after: "15m",
            severity: Severity::Warning,
            summary: "{{ $labels.instance }}: the monitor measures nothing",
            what_to_do: "See why: journalctl -u tailwright-monitor",
        }]),
    Metric::counter("tailwright_probe_failures_total", "Probes that failed.")
        .drawn("Probes")
        .from("counts.probesFailed", |report, samples| {
            samples.count([], report.counts.probes_failed);
        }),
];
