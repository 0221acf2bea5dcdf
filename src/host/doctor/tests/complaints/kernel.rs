//! What is complained of: what the kernel has to have for tailscaled.

use super::super::world::*;
use super::{Complaint, RESTART, set};
use crate::host::doctor::facts::Family;
use crate::host::show::State::{CannotTell, Degraded, Down};

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "tun",
            set(|w| w.facts.kernel.has_tun = false),
            (Down, "no /dev/net/tun", "sudo modprobe tun"),
        ),
        (
            "tun",
            set(|w| {
                w.facts.kernel.has_tun = false;
                w.status["TUN"] = false.into();
            }),
            (Degraded, "goes without an interface", "sudo modprobe tun"),
        ),
        (
            "mtu",
            set(|w| w.facts.kernel.interface.1 = None),
            (Down, "no interface tailscale0", RESTART),
        ),
        (
            "mtu",
            set(|w| w.facts.kernel.interface.1 = Some(1_500)),
            (
                Degraded,
                "is 1500 instead of 1280",
                "sudo ip link set dev tailscale0 mtu 1280",
            ),
        ),
        (
            "reverse-path",
            set(|w| {
                offers(w);
                w.prefs["NetfilterMode"] = 0.into();
                w.facts.kernel.reverse_path = Some(1);
            }),
            (
                Degraded,
                "rp_filter is strict",
                "sudo sysctl -w net.ipv4.conf.all.rp_filter=2",
            ),
        ),
        (
            "reverse-path",
            set(|w| w.facts.kernel.reverse_path = None),
            (CannotTell, "rp_filter", ""),
        ),
        (
            "rules",
            set(|w| w.facts.kernel.rules.as_mut().unwrap().retain(|rule| rule.1 != 5_270)),
            (Down, "5270 are missing", RESTART),
        ),
        (
            "rules",
            set(|w| {
                w.facts
                    .kernel
                    .rules
                    .as_mut()
                    .unwrap()
                    .push((Family::V4, 100, "from all lookup 9".to_owned()));
            }),
            (
                Degraded,
                "come before tailscaled's, and may lead elsewhere: 100",
                "ip rule show",
            ),
        ),
        ("rules", set(|w| w.facts.kernel.rules = None), (CannotTell, "ip(8)", "")),
        (
            "table-52",
            set(|w| w.facts.kernel.table_52 = Some((0, false))),
            (Down, "table 52 is empty", RESTART),
        ),
        ("table-52", set(uses_gamma), (Down, "no default route", RESTART)),
        (
            "table-52",
            set(|w| w.facts.kernel.table_52 = None),
            (CannotTell, "ip(8)", ""),
        ),
    ]
}
