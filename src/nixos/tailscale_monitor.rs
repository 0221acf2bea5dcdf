//! `modules/network/monitoring/tailscale-monitor.nix`: tsctl on the host, and its monitor.

mod benchmark;
mod hardening;
mod hosts;
mod monitor;
mod runs_as;
mod scripts;
mod settings;

use self::runs_as::RunsAs;
use super::Module;
use super::value::{Binding, Call, NixValue, Reference, Template};
use crate::model::{Host, MonitorSettings};

/// Where tsctl finds its settings.
pub const SETTINGS: &str = "/etc/tailwright/tsctl.json";

/// The name that the module gives the package.
const TSCTL: &str = "tsctl";

/// The unit's name, that of its directories, and of its user where it has one of its own.
const MONITOR: &str = "tailwright-monitor";

/// The module; `None` for a host that is not monitored.
pub fn tailscale_monitor(host: &Host) -> Option<Module> {
    let settings = MonitorSettings::of(host)?;
    let runs_as = RunsAs::of(host, &settings);
    let mut module = Module::new("tsctl: the monitor of the tailnet, and the commands for people.");
    module.define(
        TSCTL,
        NixValue::OrThrow(
            Reference::package("tsctl"),
            "pkgs.tsctl is missing: import tailwright's nixosModules.default, or add its overlays.default to nixpkgs.overlays"
                .to_owned(),
        ),
    );
    module.bind(
        Binding::new("environment.systemPackages", [Reference::defined(TSCTL)])
            .comment("tsctl, and the same program as ts-status, ts-quality, fw-status, nginx-test and so on."),
    );
    settings::bind(&mut module, &settings)?;
    scripts::bind(&mut module);
    if hosts::is_used(&settings) {
        hosts::bind(&mut module, &runs_as);
    }
    runs_as.bind(&mut module, &settings);
    module.bind(
        Binding::new(
            "systemd.services.tailwright-monitor",
            monitor::unit(host, &settings, &runs_as),
        )
        .comment(runs_as.reason())
        .spaced(),
    );
    if let Some(interval) = settings.benchmark_interval {
        benchmark::bind(&mut module, interval);
    }
    Some(module)
}

/// A command line of tsctl.
fn tsctl(arguments: &str) -> Template {
    Template::new()
        .value(Call::get_exe(Reference::defined(TSCTL)))
        .text(format!(" {arguments}"))
}

#[cfg(test)]
mod tests;
