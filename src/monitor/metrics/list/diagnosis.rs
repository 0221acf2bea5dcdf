//! What has failed.

use std::collections::BTreeMap;

use crate::monitor::diagnosis::{DaemonFault, Layer, Notice};
use crate::monitor::failover::Alarm;
use crate::monitor::metrics::{Alert, Metric, Severity, Unit};

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "tailwright_failed_layers",
        Unit::Count,
        "How many layers of each kind have failed: by themselves (cause), or because of one below (follows).",
    )
    .labels(&["layer", "role"])
    .drawn("Failed layers")
    .from("diagnosis.failures", |report, samples| {
        let mut failed: BTreeMap<(&str, bool), u64> = BTreeMap::new();
        for failure in &report.diagnosis.failures {
            let key = (failure.layer.kind(), failure.follows_from.is_none());
            *failed.entry(key).or_default() += 1;
        }
        for layer in Layer::KINDS {
            for (role, is_cause) in [("cause", true), ("follows", false)] {
                let number = failed.get(&(layer, is_cause)).copied();
                samples.count([layer, role], number.unwrap_or_default());
            }
        }
    })
    .alerts(&[Alert {
        name: "TailwrightLayerFailed",
        when: "$metric{role=\"cause\", layer!=\"tailscaled\"} > 0",
        after: "2m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: failed: {{ $labels.layer }} ({{ $value }})",
        what_to_do: "See which one, and what follows from it: tsctl failover status; tsctl doctor",
    }]),
    Metric::gauge(
        "tailwright_tailscaled_fault",
        Unit::State,
        "What is wrong with tailscaled; all 0 where nothing is.",
    )
    .labels(&["fault"])
    .drawn("Faults of tailscaled")
    .from("diagnosis.failures", |report, samples| {
        let failures = || report.diagnosis.failures.iter().map(|failure| &failure.layer);
        for fault in DaemonFault::ALL {
            let is_so = failures().any(|layer| *layer == Layer::Daemon(fault));
            samples.flag([fault.kind()], is_so);
        }
    })
    .alerts(&[Alert {
        name: "TailwrightTailscaledFailed",
        when: "$metric == 1",
        after: "2m",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }}: tailscaled: {{ $labels.fault }}",
        what_to_do: "See how to mend it: tsctl status; tsctl auth",
    }]),
    Metric::gauge(
        "tailwright_node_key_expiry_time_seconds",
        Unit::Time,
        "When the node's key expires; only while that is near.",
    )
    .drawn("Key expires")
    .from("diagnosis.notices", |report, samples| {
        let notices = report.diagnosis.notices.iter();
        if let Some(at) = notices.map(|Notice::KeyExpires(at)| *at).min() {
            samples.moment([], at);
        }
    })
    .alerts(&[Alert {
        name: "TailwrightKeyExpires",
        when: "$metric - time() < 7 * 86400",
        after: "0m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: the node's key expires in {{ $value | humanizeDuration }}",
        what_to_do: "Renew it: sudo tsctl auth --login",
    }]),
    Metric::gauge(
        "tailwright_alarms",
        Unit::Count,
        "What people have been told and not been told to be over, by kind.",
    )
    .labels(&["alarm"])
    .drawn("Alarms")
    .from("alarms", |report, samples| {
        for kind in Layer::KINDS.into_iter().chain(Alarm::OWN_KINDS) {
            let number = report.alarms.iter().filter(|alarm| alarm.kind() == kind).count();
            samples.count([kind], u64::try_from(number).unwrap_or(u64::MAX));
        }
    }),
    Metric::counter(
        "tailwright_tailscaled_losses_total",
        "How often tailscaled stopped to answer.",
    )
    .drawn("Losses of tailscaled")
    .from("counts.daemonLost", |report, samples| {
        samples.count([], report.counts.daemon_lost);
    }),
];
