//! What is complained of: the machine under it all.

use super::super::world::*;
use super::{Complaint, set};
use crate::host::show::State::{CannotTell, Degraded, Down};

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "clock",
            set(|w| w.facts.home_relay.as_mut().unwrap().time = Some(NOW.unix() + 7_300)),
            (Down, "2 h away", "sudo systemctl restart systemd-timesyncd"),
        ),
        (
            "clock",
            set(|w| w.facts.clock.as_mut().unwrap().is_kept = false),
            (Degraded, "nothing keeps", "sudo timedatectl set-ntp true"),
        ),
        (
            "clock",
            set(|w| w.facts.clock.as_mut().unwrap().is_synchronised = false),
            (Degraded, "no time server", "timedatectl timesync-status"),
        ),
        (
            "clock",
            set(|w| {
                w.facts.clock = Err("there is no timedatectl here".into());
                w.facts.home_relay = Err("".into());
            }),
            (CannotTell, "no timedatectl", ""),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free = 1_000)),
            (
                Down,
                "/var/lib/tailscale is full (1.0 kB free)",
                "sudo journalctl --vacuum-size=200M",
            ),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free_files_percent = 0)),
            (Down, "is full (no file free)", "sudo journalctl --vacuum-size=200M"),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free = 4_000_000_000)),
            (Degraded, "almost full", "sudo journalctl --vacuum-size=200M"),
        ),
        (
            "disk",
            set(|w| w.facts.disks.clear()),
            (CannotTell, "no directory of state", ""),
        ),
        (
            "units",
            set(|w| w.facts.units.as_mut().unwrap().failed.push("cups.service".to_owned())),
            (Degraded, "cups.service failed", "journalctl -u cups.service -n 50"),
        ),
        (
            "units",
            set(|w| w.facts.units.as_mut().unwrap().failed.push("nginx.service".to_owned())),
            (Down, "nginx.service failed", "journalctl -u nginx.service -n 50"),
        ),
        (
            "units",
            set(|w| w.facts.units = Err("there is no systemctl here".into())),
            (CannotTell, "no systemctl", ""),
        ),
    ]
}
