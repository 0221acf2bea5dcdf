//! The measurement of throughput from time to time.

use super::hardening::{Hardening, hardening};
use super::{Module, SETTINGS, tsctl};
use crate::net::TimeSpan;
use crate::nixos::value::{Binding, NixSet};

/// Adds the unit and its timer.
pub(super) fn bind(module: &mut Module, interval: TimeSpan) {
    let mut service = NixSet::new();
    service.set("Type", "oneshot");
    service.set("ExecStart", tsctl(&format!("benchmark --config {SETTINGS}")));
    service.bind(
        Binding::new("SuccessExitStatus", "1 2 3")
            .comment("What was measured may be bad; that is no failure of the unit."),
    );
    service.set("StateDirectory", "tailwright-benchmark");
    service.set("DynamicUser", true);
    hardening(&mut service, Hardening { changes_user: false });
    let unit = NixSet::new()
        .with("description", "Throughput of the tailnet")
        .with("wants", ["tailscaled.service"])
        .with("after", ["tailscaled.service", "tailwright-monitor.service"])
        .with("serviceConfig", service);
    module.bind(
        Binding::new("systemd.services.tailwright-benchmark", unit)
            .comment("Measures throughput, from time to time.")
            .spaced(),
    );
    let timer = NixSet::new()
        .with("description", "When throughput is measured")
        .with("wantedBy", ["timers.target"])
        .with(
            "timerConfig",
            NixSet::new()
                .with("OnActiveSec", "15m")
                .with("OnUnitInactiveSec", interval.to_string())
                .with("RandomizedDelaySec", "5m"),
        );
    module.bind(Binding::new("systemd.timers.tailwright-benchmark", timer));
}
