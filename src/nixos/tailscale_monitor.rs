//! `modules/network/monitoring/tailscale-monitor.nix`: tsctl on the host, and its monitor.

use super::Module;
use super::secrets::needs_installing;
use super::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};
use crate::model::{AlertSecret, FileRef, Host, MonitorSettings};

/// Where tsctl finds its settings.
pub const SETTINGS: &str = "/etc/tailwright/tsctl.json";

/// The name that the module gives the package.
const TSCTL: &str = "tsctl";

/// The module; `None` for a host that is not monitored.
pub fn tailscale_monitor(host: &Host) -> Option<Module> {
    let settings = MonitorSettings::of(host)?;
    let json = serde_json::to_string_pretty(&settings).ok()?;
    let etc = AttrPath::of("environment.etc").name("tailwright/tsctl.json");
    let mut module = Module::new("tsctl: the monitor of the tailnet, and the commands for people.");
    module.define(
        TSCTL,
        NixValue::OrThrow(
            Reference::package("tsctl"),
            "pkgs.tsctl is missing: import tailwright's nixosModules.default, or add its overlays.default to nixpkgs.overlays"
                .to_owned(),
        ),
    );
    module.bind(Binding::new("environment.systemPackages", [Reference::defined(TSCTL)]));
    module.bind(Binding::new(
        etc.clone().name("text"),
        NixValue::Lines(format!("{json}\n")),
    ));
    module.bind(
        Binding::new("systemd.services.tailwright-monitor", monitor(host, &settings, &etc))
            .comment(if settings.auto_failover {
                "Runs as root, without root's capabilities: tailscaled takes changes of its preferences from root and from\n\
                 its one operator alone."
            } else {
                "Only looks, which every user may: it runs as a user of its own."
            })
            .spaced(),
    );
    if let Some(interval) = settings.benchmark_interval {
        module.bind(
            Binding::new("systemd.services.tailwright-benchmark", benchmark())
                .comment("Measures throughput, from time to time.")
                .spaced(),
        );
        module.bind(Binding::new(
            "systemd.timers.tailwright-benchmark",
            NixSet::new()
                .with("description", "When throughput is measured")
                .with("wantedBy", ["timers.target"])
                .with(
                    "timerConfig",
                    NixSet::new()
                        .with("OnActiveSec", "15m")
                        .with("OnUnitInactiveSec", interval.to_string())
                        .with("RandomizedDelaySec", "5m"),
                ),
        ));
    }
    Some(module)
}

fn monitor(host: &Host, settings: &MonitorSettings, etc: &AttrPath) -> NixSet {
    let mut service = NixSet::new();
    condition(&mut service);
    service.set("Type", "notify");
    service.set("ExecStart", tsctl(&format!("monitor --config {SETTINGS}")));
    service.set("Restart", "on-failure");
    service.set("RestartSec", 10);
    service.set("StateDirectory", "tailwright-monitor");
    service.set("RuntimeDirectory", "tailwright-monitor");
    if settings.auto_failover {
        service.set("User", "root");
    } else {
        service.set("DynamicUser", true);
    }
    let secrets: Vec<AlertSecret> = host
        .monitoring
        .iter()
        .flat_map(|group| group.alerts.secrets())
        .collect();
    if !secrets.is_empty() {
        service.bind(
            Binding::new("LoadCredential", NixValue::List(secrets.iter().map(credential).collect())).comment(
                "Secrets of those who are told of failures. systemd reads the files as root and shows them to this unit alone.",
            ),
        );
    }
    hardening(&mut service);
    let mut after = vec!["network.target", "tailscaled.service", "tailscaled-autoconnect.service"];
    let mut wants = vec!["tailscaled.service"];
    if secrets.iter().any(|secret| needs_installing(&secret.file)) {
        after.push("sops-install-secrets.service");
        wants.push("sops-install-secrets.service");
    }
    NixSet::new()
        .with("description", "Monitor of the tailnet")
        .with("wantedBy", ["multi-user.target"])
        .with("wants", wants)
        .with("after", after)
        .with("restartTriggers", [Reference::config(etc.clone().name("source"))])
        .with("serviceConfig", service)
}

fn benchmark() -> NixSet {
    let mut service = NixSet::new();
    condition(&mut service);
    service.set("Type", "oneshot");
    service.set("ExecStart", tsctl(&format!("benchmark --config {SETTINGS}")));
    service.set("StateDirectory", "tailwright-benchmark");
    service.set("DynamicUser", true);
    hardening(&mut service);
    NixSet::new()
        .with("description", "Throughput of the tailnet")
        .with("wants", ["tailscaled.service"])
        .with("after", ["tailscaled.service", "tailwright-monitor.service"])
        .with("serviceConfig", service)
}

/// `NAME:FILE` (systemd.exec(5), `LoadCredential=`). The file's name has been found to be one that systemd can be told.
fn credential(secret: &AlertSecret) -> NixValue {
    let start = Template::new().text(format!("{}:", secret.credential));
    match &secret.file {
        FileRef::Secret(name) => start.value(Reference::secret(&name.to_string())),
        FileRef::Path(path) => start.text(path.as_str()),
    }
    .into()
}

fn condition(service: &mut NixSet) {
    service.bind(
        Binding::new("ExecCondition", tsctl(&format!("monitor --check-config {SETTINGS}"))).comment(
            "A tsctl that cannot monitor yet, or does not know these settings, says so (status 64, or 1), and systemd then\n\
             leaves the unit alone instead of failing it.",
        ),
    );
}

fn tsctl(arguments: &str) -> Template {
    Template::new()
        .value(Call::get_exe(Reference::defined(TSCTL)))
        .text(format!(" {arguments}"))
}

/// What every unit of tsctl does without (systemd.exec(5)). It speaks to tailscaled by a unix socket, measures by IP, and
/// asks the kernel for links and routes by netlink.
fn hardening(service: &mut NixSet) {
    service.set("CapabilityBoundingSet", "");
    service.set("LockPersonality", true);
    service.set("MemoryDenyWriteExecute", true);
    service.set("NoNewPrivileges", true);
    service.set("PrivateDevices", true);
    service.set("PrivateTmp", true);
    service.set("ProtectClock", true);
    service.set("ProtectControlGroups", true);
    service.set("ProtectHome", true);
    service.set("ProtectHostname", true);
    service.set("ProtectKernelLogs", true);
    service.set("ProtectKernelModules", true);
    service.set("ProtectKernelTunables", true);
    service.set("ProtectProc", "invisible");
    service.set("ProtectSystem", "strict");
    service.set("RemoveIPC", true);
    service.set(
        "RestrictAddressFamilies",
        ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"],
    );
    service.set("RestrictNamespaces", true);
    service.set("RestrictRealtime", true);
    service.set("RestrictSUIDSGID", true);
    service.set("SystemCallArchitectures", "native");
    service.set("SystemCallFilter", ["@system-service", "~@privileged"]);
    service.set("UMask", "0077");
}

#[cfg(test)]
mod tests;
