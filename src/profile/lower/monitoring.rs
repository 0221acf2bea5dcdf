//! `network.monitoring.tailscale`.

use super::Scope;
use super::alerts::alerts;
use super::failover::failover;
use super::metrics::metrics;
use super::probes::{Usual, probes};
use crate::diagnostic::{Code, Finding};
use crate::model::{ExitNodeChoice, MonitorProfile, Monitoring};
use crate::net::{HostName, Percent, TimeSpan};
use crate::profile::written;

pub(super) const GROUP: &str = "network.monitoring.tailscale";

/// The guide's thresholds.
const MAX_LATENCY: TimeSpan = TimeSpan::constant_millis(200);
const MAX_PACKET_LOSS: Percent = Percent::constant(5);
const FAILURES: u32 = 3;
const BENCHMARK_INTERVAL: TimeSpan = TimeSpan::constant_millis(24 * 60 * 60 * 1000);

/// What a profile's thresholds are where the host says nothing else.
struct Pace {
    check_interval: TimeSpan,
    check_timeout: TimeSpan,
    /// Going back costs every connection, so it takes longer than leaving.
    recoveries: u32,
}

impl Pace {
    const fn of(profile: MonitorProfile) -> Self {
        match profile {
            MonitorProfile::Standard => Self {
                check_interval: TimeSpan::constant_millis(30_000),
                check_timeout: TimeSpan::constant_millis(5_000),
                recoveries: 5,
            },
            // Right after a check a way dies; three later ones begin within 2.1 s, and the last ends 0.5 s after that.
            MonitorProfile::Fast => Self {
                check_interval: TimeSpan::constant_millis(700),
                check_timeout: TimeSpan::constant_millis(500),
                recoveries: 10,
            },
        }
    }
}

pub(super) fn monitoring(
    scope: &mut Scope<'_>,
    host: &HostName,
    written: Option<written::Monitoring>,
) -> Option<Monitoring> {
    let was_written = written.is_some();
    let group = written.unwrap_or_default();
    if !scope.enabled(group.enable, was_written, GROUP) {
        return None;
    }
    let at = scope.field(GROUP);
    let mut exit_nodes = Vec::new();
    for (index, choice) in group.exit_nodes.unwrap_or_default().into_iter().enumerate() {
        let field = at.name("exitNodes").index(index);
        exit_nodes.extend(scope.accept(choice.parse::<ExitNodeChoice>(), &field));
    }
    let profile = match group.profile {
        None | Some(written::MonitorProfile::Standard) => MonitorProfile::Standard,
        Some(written::MonitorProfile::Fast) => MonitorProfile::Fast,
    };
    let pace = Pace::of(profile);
    let check_interval = group.check_interval.map_or(pace.check_interval, |span| span.0);
    let check_timeout = match group.check_timeout {
        None => pace.check_timeout.min(check_interval),
        Some(span) if span.0 <= check_interval => span.0,
        Some(span) => {
            let message = format!("an answer is waited for longer ({}) than until the next check", span.0);
            let finding = Finding::new(Code::InvalidValue, at.name("checkTimeout"), message)
                .with(at.name("checkInterval"), format!("a check every {check_interval}"));
            scope.add(finding);
            check_interval
        }
    };
    let max_latency = group.max_latency.map_or(MAX_LATENCY, |span| span.0);
    let max_packet_loss = group.max_packet_loss.unwrap_or(MAX_PACKET_LOSS);
    let failover = failover(scope, profile, group.failover.unwrap_or_default());
    let usual = Usual {
        interval: check_interval,
        timeout: check_timeout,
        max_latency,
        max_packet_loss,
    };
    let probes = probes(scope, &usual, &failover.lan_services, group.probes.unwrap_or_default());
    Some(Monitoring {
        profile,
        check_interval,
        check_timeout,
        max_latency,
        max_packet_loss,
        failure_threshold: threshold(scope, group.failure_threshold, "failureThreshold", FAILURES),
        recovery_threshold: threshold(scope, group.recovery_threshold, "recoveryThreshold", pace.recoveries),
        auto_failover: group.enable_auto_failover.unwrap_or(false),
        failover,
        probes,
        exit_nodes,
        alerts: alerts(scope, host, group.alert_email, group.alerts.unwrap_or_default()),
        metrics: metrics(scope, group.metrics.unwrap_or_default()),
        benchmarks: group.enable_benchmarks.unwrap_or(false),
        benchmark_interval: group.benchmark_interval.map_or(BENCHMARK_INTERVAL, |span| span.0),
    })
}

fn threshold(scope: &mut Scope<'_>, written: Option<u32>, option: &str, default: u32) -> u32 {
    match written {
        None => default,
        Some(number @ 1..=1000) => number,
        Some(number) => {
            let field = scope.field(GROUP).name(option);
            let message = format!("{number} consecutive checks: expected 1 to 1000");
            scope.add(Finding::new(Code::InvalidValue, field, message));
            default
        }
    }
}
