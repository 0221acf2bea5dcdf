//! Which user the monitor runs as.

use super::{MONITOR, Module};
use crate::model::{FailoverAction, Host, Metrics, MonitorSettings, Way};
use crate::nixos::value::{AttrPath, Binding, NixSet, NixValue};

/// Which user the monitor runs as. Looking is open to everybody; tailscaled takes changes of its preferences from root and from
/// one other user, its operator (`ipn/localapi`: `PermitWrite`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunsAs {
    /// One that systemd makes up while it runs: it only looks.
    Nobody,
    /// One of its own, which the profile makes tailscaled's operator.
    Operator,
    /// Root, without root's capabilities, and why.
    Root(&'static str),
}

impl RunsAs {
    /// The user with the fewest rights that is enough.
    pub(super) fn of(host: &Host, settings: &MonitorSettings) -> Self {
        let operator = host
            .tailscale
            .as_ref()
            .and_then(|tailscale| tailscale.operator.as_ref());
        let is_own = operator.is_some_and(|operator| operator.as_str() == MONITOR);
        if sends_mail_by_sendmail(settings) {
            return Self::Root(
                "Runs as root, because it hands mail to the host's own sendmail, which changes its user on the way.\n\
                 With alerts.smtp it would not have to.",
            );
        }
        let writes_elsewhere = settings.metrics.textfile.as_ref();
        if writes_elsewhere.is_some_and(|file| !is_own_directory(file.directory())) {
            return Self::Root(
                "Runs as root, without root's capabilities, because it writes its metrics into a directory of others. With a\n\
                 file in /run/tailwright-monitor it would not have to.",
            );
        }
        match (settings.auto_failover, is_own) {
            (_, true) => Self::Operator,
            (false, false) => Self::Nobody,
            (true, false) => Self::Root(
                "Runs as root, without root's capabilities: tailscaled takes changes of its preferences from root and from\n\
                 its one operator alone, and that is a person's or nobody's. Where no person needs it, give it to the monitor,\n\
                 which then runs as a user of its own: network.vpn.tailscale.operator = \"tailwright-monitor\".",
            ),
        }
    }

    /// Why it is so, for the reader of the module.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Nobody => "Only looks, which every user may: it runs as a user that systemd makes up for it.",
            Self::Operator => {
                "Runs as a user of its own, which is tailscaled's operator: it may change preferences, and nothing else."
            }
            Self::Root(why) => why,
        }
    }

    /// The user's name in files that others make for it.
    pub(super) fn user(self) -> &'static str {
        match self {
            Self::Operator => MONITOR,
            Self::Nobody | Self::Root(_) => "root",
        }
    }

    /// Says it to the unit.
    pub(super) fn set(self, service: &mut NixSet) {
        match self {
            Self::Nobody => service.set("DynamicUser", true),
            Self::Operator => {
                service.set("User", MONITOR);
                service.set("Group", MONITOR);
            }
            Self::Root(_) => service.set("User", "root"),
        }
    }

    /// Adds the user, where it is one of its own, and lets it do what it is to do.
    pub(super) fn bind(self, module: &mut Module, settings: &MonitorSettings) {
        if self != Self::Operator {
            return;
        }
        let user = NixSet::new()
            .with("isSystemUser", true)
            .with("group", MONITOR)
            .with("description", "Monitor of the tailnet");
        module.bind(Binding::new(AttrPath::of("users.users").name(MONITOR), user).spaced());
        module.bind(Binding::new(AttrPath::of("users.groups").name(MONITOR), NixSet::new()));
        if settings.auto_failover && settings.failover.may(FailoverAction::Restart) {
            let rule = format!(
                "polkit.addRule(function (action, subject) {{\n  \
                   if (action.id == \"org.freedesktop.systemd1.manage-units\" &&\n      \
                       action.lookup(\"unit\") == \"tailscaled.service\" &&\n      \
                       action.lookup(\"verb\") == \"restart\" &&\n      \
                       subject.user == \"{MONITOR}\") {{\n    \
                     return polkit.Result.YES;\n  \
                   }}\n\
                 }});\n"
            );
            module.bind(
                Binding::new("security.polkit.enable", true)
                    .comment("Root is not needed to restart tailscaled, and to do nothing else to units.")
                    .spaced(),
            );
            module.bind(Binding::new("security.polkit.extraConfig", NixValue::Lines(rule)));
        }
    }
}

/// Whether mail goes through a program that has to change its user.
pub(super) fn sends_mail_by_sendmail(settings: &MonitorSettings) -> bool {
    let mut receivers = settings.alerts.receivers.values();
    receivers.any(|receiver| matches!(receiver.way, Way::Mail { smtp: None, .. }))
}

/// Whether the unit may write there anyway.
pub(super) fn is_own_directory(directory: &str) -> bool {
    directory == Metrics::DIRECTORY
}
