//! `/etc/hosts`, where the monitor changes by which address a service is spoken to.

use super::runs_as::RunsAs;
use super::{MONITOR, Module};
use crate::model::{FailoverAction, Metrics, MonitorSettings};
use crate::nixos::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference};

/// What the host would have in `/etc/hosts`: the monitor puts its lines behind it.
const BASE: &str = "tailwright/hosts";

/// Whether the monitor may change an address.
pub(super) fn is_used(settings: &MonitorSettings) -> bool {
    settings.auto_failover
        && settings.failover.may(FailoverAction::LanAddress)
        && !settings.failover.lan_services.is_empty()
}

/// Where the configuration has what stands before the monitor's lines: what the unit watches.
pub(super) fn source() -> Reference {
    Reference::config(AttrPath::of("environment.etc").name(BASE).name("source"))
}

/// Makes `/etc/hosts` lead to the file that the monitor writes.
pub(super) fn bind(module: &mut Module, runs_as: &RunsAs) {
    let own = format!("{}/hosts", Metrics::DIRECTORY);
    let joined = Call {
        function: Reference::package("concatText"),
        arguments: vec!["hosts".into(), Reference::config("networking.hostFiles").into()],
    };
    module.bind(
        Binding::new(AttrPath::of("environment.etc").name(BASE).name("source"), joined)
            .comment(
                "The monitor changes by which address some services are spoken to. What NixOS would write to /etc/hosts stands\n\
                 here; the monitor writes the same with its own lines to the file that /etc/hosts leads to.",
            )
            .spaced(),
    );
    module.bind(Binding::new(
        AttrPath::of("environment.etc.hosts.source"),
        NixValue::mk_force(own.as_str()),
    ));
    let user = runs_as.user();
    let directory = NixSet::new().with(
        "d",
        NixSet::new()
            .with("mode", "0755")
            .with("user", user)
            .with("group", user),
    );
    let copy = NixSet::new().with(
        "C",
        NixSet::new()
            .with("mode", "0644")
            .with("user", user)
            .with("group", user)
            .with("argument", format!("/etc/{BASE}")),
    );
    let rules = NixSet::new()
        .with(AttrPath::single(Metrics::DIRECTORY), directory)
        .with(AttrPath::single(own), copy);
    module.bind(
        Binding::new(AttrPath::of("systemd.tmpfiles.settings").name(MONITOR), rules)
            .comment("The file is there before the monitor is, and while it is stopped."),
    );
}
