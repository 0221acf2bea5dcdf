//! What systemd says.

use std::collections::BTreeMap;

use super::programs::ask;
use crate::host::doctor::facts::{Known, Unit, Units};

/// The units that some check wants to know of.
const UNITS: [&str; 6] = [
    "tailscaled.service",
    "nginx.service",
    "nftables.service",
    "tailwright-monitor.service",
    "sops-install-secrets.service",
    "systemd-resolved.service",
];

/// Asks systemctl(1), which every user may.
pub(super) fn units() -> Known<Units> {
    let failed = ask(
        "systemctl",
        &["list-units", "--failed", "--plain", "--no-legend", "--full"],
    )?;
    let mut show = vec!["show", "--property=Id,LoadState,ActiveState,Environment"];
    show.extend(UNITS);
    let shown = ask("systemctl", &show)?;
    Ok(Units {
        failed: failed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .map(str::to_owned)
            .collect(),
        units: shown.split("\n\n").filter_map(unit).collect(),
    })
}

/// One unit, as `systemctl show` writes it.
fn unit(text: &str) -> Option<(String, Unit)> {
    let fields: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let field = |name: &str| fields.get(name).copied().unwrap_or_default();
    let environment = field("Environment").split_whitespace();
    Some((
        (*fields.get("Id")?).to_owned(),
        Unit {
            is_there: field("LoadState") == "loaded",
            active: field("ActiveState").to_owned(),
            environment: environment
                .filter_map(|variable| variable.trim_matches('"').split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_as_systemctl_shows_it() {
        let (name, unit) = unit(
            "Id=tailscaled.service\nLoadState=loaded\nActiveState=active\nEnvironment=PORT=41641 \
             TS_DEBUG_FIREWALL_MODE=true \"FLAGS=--tun tailscale0\"",
        )
        .unwrap();
        assert_eq!(name, "tailscaled.service");
        assert!(unit.is_there && unit.is_active());
        assert_eq!(unit.environment["TS_DEBUG_FIREWALL_MODE"], "true");
        assert!(super::unit("LoadState=loaded").is_none());
    }
}
