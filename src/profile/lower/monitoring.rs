//! `network.monitoring.tailscale`.

use super::Scope;
use crate::diagnostic::{Code, Finding};
use crate::model::{ExitNodeChoice, Monitoring};
use crate::net::{Percent, TimeSpan};
use crate::profile::written;

const GROUP: &str = "network.monitoring.tailscale";

/// The guide's thresholds.
const CHECK_INTERVAL: TimeSpan = TimeSpan::constant_millis(30_000);
const MAX_LATENCY: TimeSpan = TimeSpan::constant_millis(200);
const MAX_PACKET_LOSS: Percent = Percent::constant(5);
const FAILURES: u32 = 3;
/// Going back costs every connection, so it takes longer than leaving.
const RECOVERIES: u32 = 5;
const BENCHMARK_INTERVAL: TimeSpan = TimeSpan::constant_millis(24 * 60 * 60 * 1000);

pub(super) fn monitoring(scope: &mut Scope<'_>, written: Option<written::Monitoring>) -> Option<Monitoring> {
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
    Some(Monitoring {
        check_interval: group.check_interval.map_or(CHECK_INTERVAL, |span| span.0),
        max_latency: group.max_latency.map_or(MAX_LATENCY, |span| span.0),
        max_packet_loss: group.max_packet_loss.unwrap_or(MAX_PACKET_LOSS),
        failure_threshold: threshold(scope, group.failure_threshold, "failureThreshold", FAILURES),
        recovery_threshold: threshold(scope, group.recovery_threshold, "recoveryThreshold", RECOVERIES),
        auto_failover: group.enable_auto_failover.unwrap_or(false),
        exit_nodes,
        alert_email: group.alert_email,
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
