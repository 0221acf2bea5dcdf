//! The monitor itself.

use crate::monitor::metrics::exposition::LEFT_OUT;
use crate::monitor::metrics::samples::number;
use crate::monitor::metrics::{Alert, Metric, Severity, Unit, words};

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "tailwright_build_info",
        Unit::Info,
        "Which version of tsctl the monitor is.",
    )
    .labels(&["version"])
    .drawn("Version")
    .from("(the program)", |_, samples| {
        samples.flag([env!("CARGO_PKG_VERSION")], true);
    })
    .alerts(&[Alert {
        name: "TailwrightAbsent",
        when: "absent($metric)",
        after: "10m",
        severity: Severity::Warning,
        summary: "No monitor of tailwright is scraped",
        what_to_do: "See whether one runs and where it listens: systemctl status tailwright-monitor; tsctl metrics",
    }]),
    Metric::gauge(
        "tailwright_monitor_mode",
        Unit::State,
        "Whether the monitor acts, rehearses (dry run) or only reports.",
    )
    .labels(&["mode"])
    .drawn("Mode")
    .from("mode", |report, samples| {
        for mode in words::MODES {
            samples.flag([words::mode(mode)], report.mode == mode);
        }
    }),
    Metric::gauge(
        "tailwright_monitor_start_time_seconds",
        Unit::Time,
        "Since when the monitor runs.",
    )
    .drawn("Started, reported")
    .from("since", |report, samples| samples.moment([], report.since)),
    Metric::gauge(
        "tailwright_monitor_report_time_seconds",
        Unit::Time,
        "When these metrics were made: old in a text file that nobody writes any more.",
    )
    .drawn("Started, reported")
    .from("at", |report, samples| samples.moment([], report.at))
    .alerts(&[Alert {
        name: "TailwrightReportOld",
        when: "time() - $metric > 120 + 5 * tailwright_monitor_check_interval_seconds",
        after: "5m",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }}: the monitor has not reported for {{ $value | humanizeDuration }}",
        what_to_do: "See why: systemctl status tailwright-monitor; journalctl -u tailwright-monitor",
    }]),
    Metric::gauge(
        "tailwright_monitor_check_interval_seconds",
        Unit::Seconds,
        "The time between two checks.",
    )
    .from("checkInterval", |report, samples| {
        samples.add([], number(report.check_interval.as_millis()) / 1e3);
    }),
    Metric::counter(
        "tailwright_monitor_save_failures_total",
        "Times that the state could not be written. Without it no moves are made.",
    )
    .drawn("State not written")
    .from("counts.savesFailed", |report, samples| {
        samples.count([], report.counts.saves_failed);
    })
    .alerts(&[Alert {
        name: "TailwrightStateUnwritable",
        when: "increase($metric[15m]) > 0",
        after: "5m",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }}: the state of the monitor cannot be written, and it makes no moves",
        what_to_do: "See whether the disk is full: df /var/lib/tailwright-monitor",
    }]),
    // The last of the list: it counts what was left out of those before it.
    Metric::gauge(
        LEFT_OUT,
        Unit::Count,
        "Samples that were left out, because a metric had too many or their labels were too long or the same.",
    )
    .drawn("Left out")
    .from("(the program)", |_, _| {})
    .alerts(&[Alert {
        name: "TailwrightMetricsLeftOut",
        when: "$metric > 0",
        after: "1h",
        severity: Severity::Info,
        summary: "{{ $labels.instance }}: {{ $value }} samples are left out of the metrics",
        what_to_do: "Measure fewer targets, or report this as a bug",
    }]),
];
