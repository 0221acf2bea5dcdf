//! The monitor: what it measures and may do.

use crate::model::{Failover, FailoverAction, Host, LanRoute, LanService, MonitorSettings, Probed, Probes, Share};
use crate::render::facts::Facts;

pub(super) fn collect(host: &Host, facts: &mut Facts) {
    let Some(settings) = MonitorSettings::of(host) else {
        return;
    };
    facts.state("monitor", "watches the tailnet");
    if settings.auto_failover {
        facts.state("monitor", "acts by itself");
    }
    facts.value("check interval of the monitor", &settings.check_interval);
    facts.value("time for an answer to the monitor", &settings.check_timeout);
    facts.value("largest latency for the monitor", &settings.max_latency);
    facts.value(
        "largest loss for the monitor",
        &format!("{} %", settings.max_packet_loss.get()),
    );
    facts.value("bad checks before the monitor acts", &settings.failure_threshold);
    facts.value("good checks before the monitor goes back", &settings.recovery_threshold);
    failover(&settings.failover, facts);
    probes(&settings.probes, facts);
    let nodes: Vec<String> = settings.exit_nodes.iter().map(ToString::to_string).collect();
    if !nodes.is_empty() {
        facts.value("exit nodes to move to", &nodes.join(", "));
    }
    super::alerts::collect(&settings.alerts, facts);
    if let Some(listen) = &settings.metrics.listen {
        facts.value("where metrics are served", listen);
    }
    if let Some(file) = &settings.metrics.textfile {
        facts.value("file of metrics", file);
    }
    if let Some(interval) = settings.benchmark_interval {
        facts.value("interval of benchmarks", &interval);
    }
}

fn probes(probes: &Probes, facts: &mut Facts) {
    for address in &probes.internet {
        facts.state("monitor", format!("asks {address} whether the internet is reached"));
    }
    let dns = probes.egress.dns.iter().map(ToString::to_string);
    for target in dns.chain(probes.egress.http.iter().map(ToString::to_string)) {
        facts.state("monitor", format!("asks {target} through the exit node"));
    }
    for (name, target) in &probes.targets {
        let asked = match &target.ask {
            Probed::Ping(host) => format!("pings {host}"),
            Probed::Peer { node, kind } => format!("has tailscaled ping {node} ({})", kind.as_str()),
            Probed::Tcp(endpoint) => format!("connects to {endpoint}"),
            Probed::Http(url) => format!("asks for {url}"),
            Probed::Dns { server, name } => format!("asks {server} for {name}"),
        };
        facts.state(format!("target {name} of the monitor"), asked);
        facts.value(format!("check interval of target {name}"), &target.interval);
        facts.value(format!("time for an answer of target {name}"), &target.timeout);
        facts.value(format!("largest latency of target {name}"), &target.max_latency);
        facts.value(
            format!("largest loss of target {name}"),
            &format!("{} %", target.max_packet_loss.get()),
        );
    }
}

fn failover(failover: &Failover, facts: &mut Facts) {
    for (place, action) in failover.actions.iter().enumerate() {
        facts.value(format!("what the monitor may do, {}.", place + 1), action.as_str());
    }
    for (what, share) in [
        ("bad checks that count as a failure", failover.failure_share),
        ("good checks that count as a recovery", failover.recovery_share),
    ] {
        if let Some(Share { count, of }) = share {
            facts.value(what, &format!("{count} of {of}"));
        }
    }
    facts.value("how long what failed is held down", &failover.hold_down);
    facts.value("how long it is held down at most", &failover.max_hold_down);
    facts.value("how long the monitor stays with a choice", &failover.min_dwell);
    facts.value("time between two moves of the monitor", &failover.move_window);
    match &failover.return_after {
        Some(span) => facts.value("how long what is preferred was good before it is returned to", span),
        None => facts.state("monitor", "returns to what is preferred only when told"),
    }
    if failover.may(FailoverAction::Restart) {
        facts.value("time between two restarts of tailscaled", &failover.restart_interval);
        facts.value("restarts of tailscaled in a day", &failover.restarts_per_day);
    }
    if failover.dry_run {
        facts.state("monitor", "only writes down what it would do");
    }
    if !failover.restore_on_stop {
        facts.state("monitor", "leaves its changes in place when it is stopped");
    }
    for window in &failover.maintenance_windows {
        facts.state("monitor", format!("makes no moves in the window {window}"));
    }
    for LanRoute { prefix, probe } in &failover.lan_routes {
        facts.value(format!("address that tells whether {prefix} is reached"), probe);
    }
    for (name, service) in &failover.lan_services {
        let LanService {
            tailnet_address,
            lan_address,
            port,
        } = service;
        facts.value(
            format!("ways to the service {name}"),
            &format!("{tailnet_address} and {lan_address}, port {port}"),
        );
    }
}
