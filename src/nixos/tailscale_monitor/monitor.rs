//! The unit of the monitor.

use super::hardening::{Hardening, hardening};
use super::runs_as::{RunsAs, is_own_directory, sends_mail_by_sendmail};
use super::{MONITOR, SETTINGS, hosts, settings, tsctl};
use crate::model::{AlertSecret, FileRef, Host, MonitorSettings};
use crate::net::TextfilePath;
use crate::nixos::secrets::needs_installing;
use crate::nixos::value::{Binding, Call, NixSet, NixValue, Reference, Template};

/// The unit.
pub(super) fn unit(host: &Host, settings: &MonitorSettings, runs_as: &RunsAs) -> NixSet {
    let secrets: Vec<AlertSecret> = host
        .monitoring
        .iter()
        .flat_map(|group| group.alerts.secrets())
        .collect();
    let mut wants = vec!["tailscaled.service"];
    let mut after = vec![
        "network.target",
        "tailscaled.service",
        "tailscaled-autoconnect.service",
        "tailscaled-set.service",
    ];
    if secrets.iter().any(|secret| needs_installing(&secret.file)) {
        after.push("sops-install-secrets.service");
        wants.push("sops-install-secrets.service");
    }
    let mut triggers = vec![settings::source()];
    if hosts::is_used(settings) {
        triggers.push(hosts::source());
    }
    let mut unit = NixSet::new()
        .with("description", "Monitor of the tailnet")
        .with("wantedBy", ["multi-user.target"])
        .with("wants", wants)
        .with("after", after);
    unit.bind(Binding::new("reloadTriggers", triggers).comment("It reads new settings without being restarted."));
    unit.bind(Binding::new("stopIfChanged", false).comment(
        "A new version takes over in one step. Between a stop and a start it would put everything back, only to move again.",
    ));
    unit.set("serviceConfig", service(settings, &secrets, *runs_as));
    unit
}

fn service(settings: &MonitorSettings, secrets: &[AlertSecret], runs_as: RunsAs) -> NixSet {
    let mut service = NixSet::new();
    service.set("Type", "notify");
    service.set("ExecStart", tsctl(&format!("monitor --config {SETTINGS}")));
    service.set(
        "ExecReload",
        Template::new()
            .value(Call::get_exe_of(Reference::package("coreutils"), "kill"))
            .text(" -HUP $MAINPID"),
    );
    service.set("WatchdogSec", 60);
    service.set("Restart", "on-failure");
    service.set("RestartSec", 10);
    service.set("StateDirectory", MONITOR);
    service.set("StateDirectoryMode", "0700");
    service.set("RuntimeDirectory", MONITOR);
    service.bind(
        Binding::new("RuntimeDirectoryMode", "0755").comment("Everybody may ask it how it is: its socket is in there."),
    );
    if hosts::is_used(settings) {
        service.bind(Binding::new("RuntimeDirectoryPreserve", true).comment("/etc/hosts leads there."));
    }
    runs_as.set(&mut service);
    if !secrets.is_empty() {
        service.bind(
            Binding::new("LoadCredential", NixValue::List(secrets.iter().map(credential).collect())).comment(
                "Secrets of those who are told of failures. systemd reads the files as root and shows them to this unit alone.",
            ),
        );
    }
    let textfile = settings.metrics.textfile.as_ref().map(TextfilePath::directory);
    if let Some(directory) = textfile.filter(|directory| !is_own_directory(directory)) {
        // Without the directory there are no metrics; the monitor goes on.
        let path = format!("-{}", directory.replace('%', "%%"));
        service.bind(Binding::new("ReadWritePaths", [path]).comment("Where its metrics are written."));
    }
    hardening(
        &mut service,
        Hardening {
            changes_user: sends_mail_by_sendmail(settings),
        },
    );
    service
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
