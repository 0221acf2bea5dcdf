//! What is complained of: how names are looked up.

use super::{Complaint, RESTART, set};
use crate::host::doctor::facts::Lookup;
use crate::host::show::State::{Degraded, Down};

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "magic-dns",
            set(|w| w.status["CurrentTailnet"]["MagicDNSEnabled"] = false.into()),
            (
                Degraded,
                "MagicDNS is off",
                "xdg-open https://login.tailscale.com/admin/dns",
            ),
        ),
        (
            "magic-dns",
            set(|w| w.facts.names.by_tailscaled = Ok(Lookup::Silent)),
            (Down, "does not answer", RESTART),
        ),
        (
            "magic-dns",
            set(|w| w.facts.names.by_tailscaled = Ok(Lookup::NoSuchName)),
            (Degraded, "there is no such name", "tailscale dns status"),
        ),
        (
            "resolver",
            set(|w| w.facts.names.by_resolver = Ok(Lookup::NoSuchName)),
            (
                Degraded,
                "does not ask tailscaled",
                "sudo systemctl restart systemd-resolved",
            ),
        ),
        (
            "resolver",
            set(|w| w.facts.names.by_resolver = Ok(Lookup::Silent)),
            (
                Down,
                "127.0.0.53 of /etc/resolv.conf (systemd-resolved) does not answer",
                "sudo systemctl restart systemd-resolved",
            ),
        ),
        (
            "resolver",
            set(|w| w.facts.names.resolver.as_mut().unwrap().servers.clear()),
            (Down, "names no resolver", "sudo systemctl restart systemd-resolved"),
        ),
    ]
}
