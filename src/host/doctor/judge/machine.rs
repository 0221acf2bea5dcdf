//! The machine under it all.

use super::{Outcome, count, degraded, down, unknown, untold};
use crate::host::doctor::facts::Facts;
use crate::host::show::Reason;
use crate::host::tailnet::{bytes, span};

/// So many seconds apart, certificates and logins begin to fail.
const SKEW: u64 = 60;
/// With less room tailscaled and the monitor cannot keep their state.
const LEAST: u64 = 16 << 20;

/// The clock is kept right, and is right.
pub(in crate::host::doctor) fn clock(facts: &Facts) -> Outcome {
    let now = facts.now.unix();
    let skew = facts
        .home_relay
        .as_ref()
        .ok()
        .and_then(|home| home.time)
        .map(|time| now.abs_diff(time));
    let mut reasons: Vec<Reason> = Vec::new();
    if let Some(skew) = skew.filter(|skew| *skew > SKEW) {
        let text = format!(
            "the clock is {} away from that of the home relay: certificates and logins fail",
            span(skew)
        );
        reasons.push(down(text, "sudo systemctl restart systemd-timesyncd"));
    }
    let clock = match &facts.clock {
        Ok(clock) => clock,
        Err(why) if reasons.is_empty() && skew.is_none() => return unknown(why),
        Err(_) => return Outcome::of("as that of the home relay", reasons),
    };
    if !clock.is_kept {
        reasons.push(degraded(
            "nothing keeps the clock right: it will drift",
            "sudo timedatectl set-ntp true",
        ));
    } else if !clock.is_synchronised {
        reasons.push(degraded(
            "no time server has set the clock yet",
            "timedatectl timesync-status",
        ));
    }
    let away = skew.map_or_else(String::new, |skew| format!(", {} from the home relay's", span(skew)));
    Outcome::of(format!("set by a time server{away}"), reasons)
}

/// There is room where something has to be written to.
pub(in crate::host::doctor) fn disk(facts: &Facts) -> Outcome {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut least: Option<(u64, String)> = None;
    for (path, disk) in &facts.disks {
        let path = path.display();
        let percent = disk.free.saturating_mul(100).checked_div(disk.size).unwrap_or(100);
        let clean = "sudo journalctl --vacuum-size=200M";
        if disk.free < LEAST || disk.free_files_percent == 0 {
            let what = if disk.free < LEAST {
                bytes(disk.free)
            } else {
                "no file".to_owned()
            };
            let text = format!("the disk of {path} is full ({what} free): nothing can be remembered");
            reasons.push(down(text, clean));
        } else if percent < 5 || disk.free_files_percent < 5 {
            let text = format!("the disk of {path} is almost full ({} free)", bytes(disk.free));
            reasons.push(degraded(text, clean));
        }
        if least.as_ref().is_none_or(|(free, _)| disk.free < *free) {
            least = Some((disk.free, path.to_string()));
        }
    }
    match least {
        None => untold("no directory of state is there"),
        Some((free, path)) => Outcome::of(format!("{} free, the least at {path}", bytes(free)), reasons),
    }
}

/// No unit of systemd failed.
pub(in crate::host::doctor) fn units(facts: &Facts) -> Outcome {
    match &facts.units {
        Err(why) => unknown(why),
        Ok(units) if units.failed.is_empty() => Outcome::good("none failed"),
        Ok(units) => {
            let reasons = units.failed.iter().map(|unit| {
                let ours = ["tailscaled", "nginx", "nftables", "tailwright", "sops-install-secrets"];
                let command = format!("journalctl -u {unit} -n 50");
                if ours.iter().any(|name| unit.starts_with(name)) {
                    down(format!("{unit} failed"), command)
                } else {
                    degraded(format!("{unit} failed"), command)
                }
            });
            Outcome::of(count(units.failed.len(), "unit", "units"), reasons.collect())
        }
    }
}
