//! What the units of tsctl do without (systemd.exec(5)).
//!
//! `systemd-analyze security` counts what is left: the network with every address (`PrivateNetwork=`, `IPAddressDeny=`), because it
//! is what is measured; sockets of the internet and of unix, to probe and to speak to tailscaled and systemd; and the host's own root
//! directory, where its programs and settings are.

use crate::nixos::value::{Binding, NixSet};

/// What a unit cannot do without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hardening {
    /// It starts a program that changes its user (sendmail).
    pub(super) changes_user: bool,
}

/// Takes away what is not needed.
pub(super) fn hardening(service: &mut NixSet, needs: Hardening) {
    service.set("CapabilityBoundingSet", "");
    service.set("KeyringMode", "private");
    service.set("LockPersonality", true);
    service.set("MemoryDenyWriteExecute", true);
    if needs.changes_user {
        service.bind(Binding::new("NoNewPrivileges", false).comment(
            "The host's sendmail has to change its user and to write to its queue, wherever that is: for it this and\n\
                 ProtectSystem are weaker, and PrivateUsers and a smaller SystemCallFilter are missing.",
        ));
    } else {
        service.set("NoNewPrivileges", true);
    }
    service.set("PrivateDevices", true);
    service.set("PrivateTmp", true);
    if !needs.changes_user {
        service.set("PrivateUsers", true);
    }
    service.set("ProcSubset", "pid");
    service.set("ProtectClock", true);
    service.set("ProtectControlGroups", true);
    service.set("ProtectHome", true);
    service.set("ProtectHostname", true);
    service.set("ProtectKernelLogs", true);
    service.set("ProtectKernelModules", true);
    service.set("ProtectKernelTunables", true);
    service.set("ProtectProc", "invisible");
    service.set("ProtectSystem", if needs.changes_user { "full" } else { "strict" });
    service.set("RemoveIPC", true);
    service.bind(
        Binding::new("RestrictAddressFamilies", ["AF_UNIX", "AF_INET", "AF_INET6"]).comment(
            "To tailscaled and systemd by unix sockets, to everybody else by IP: the network is what is measured.",
        ),
    );
    service.set("RestrictNamespaces", true);
    service.set("RestrictRealtime", true);
    service.set("RestrictSUIDSGID", true);
    service.set("SystemCallArchitectures", "native");
    service.set("SystemCallErrorNumber", "EPERM");
    let mut calls = vec!["@system-service", "~@resources"];
    if !needs.changes_user {
        calls.push("~@privileged");
    }
    service.set("SystemCallFilter", calls);
    service.set("UMask", "0077");
}
