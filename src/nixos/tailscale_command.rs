//! Units that run `tailscale`, or openssl, as root: tailscaled takes such requests from root alone.

use super::value::NixSet;

/// What depends on a login, or on somebody's consent, is tried again: after half a minute first, in the end once an hour.
pub(super) fn try_again(service: &mut NixSet) {
    service.set("Restart", "on-failure");
    service.set("RestartSec", "30s");
    service.set("RestartSteps", 8);
    service.set("RestartMaxDelaySec", "1h");
}

/// All that such a unit does without (systemd.exec(5)). It speaks to tailscaled by a unix socket and writes to its state
/// directory.
pub(super) fn sandbox(service: &mut NixSet) {
    service.set("CapabilityBoundingSet", "");
    service.set("IPAddressDeny", "any");
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
    service.set("RestrictAddressFamilies", ["AF_UNIX"]);
    service.set("RestrictNamespaces", true);
    service.set("RestrictRealtime", true);
    service.set("RestrictSUIDSGID", true);
    service.set("SystemCallArchitectures", "native");
    service.set("SystemCallFilter", ["@system-service", "~@privileged"]);
}
