//! A kernel parameter is set that belongs to another module of NixOS or to a daemon.
//!
//! ## Why
//!
//! Whether the host forwards, for instance, is decided by Tailscale, Docker and NAT, whose modules set the
//! parameter with a higher priority: a line for it is ignored without a word, or collides with theirs. In
//! `network.tuning` such a parameter is left out of what is rendered.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!   };
//!   network.tuning.sysctl."net.ipv4.ip_forward" = 1;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!   };
//!   network.tuning.sysctl."net.core.somaxconn" = 4096;
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS modules `services.tailscale`, `networking.nat`, `virtualisation.docker`, `networking.interfaces`
//! - sysctl.d(5)

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, Severity};
use crate::model::{FieldPath, Host, OwnedSysctl, SysctlKey, SysctlValue, Tailscale};

/// Parameters that must be 1 on a host that forwards.
const FORWARDING: [&str; 3] = [
    "net.ipv4.conf.all.forwarding",
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for (key, (value, field)) in host.tuning.iter().flat_map(|tuning| &tuning.overrides) {
        if let Some(owned) = OwnedSysctl::of(key) {
            let message = format!("{key} belongs to {}, so it is not rendered: {}", owned.owner, owned.why);
            findings.add(finding(host, key, value, field, message));
        }
    }
    for (key, (value, field)) in &host.upstream.sysctl {
        // The modules that own it may not be there; that Tailscale's sets forwarding is known.
        let by_tailscale = forwards(host) && FORWARDING.contains(&key.as_str());
        if let Some(owned) = OwnedSysctl::of(key).filter(|_| by_tailscale) {
            let message = format!("{key} belongs to {}: {}", owned.owner, owned.why);
            findings.add(finding(host, key, value, field, message));
        }
    }
}

fn forwards(host: &Host) -> bool {
    host.tailscale.as_ref().is_some_and(Tailscale::forwards)
}

fn finding(host: &Host, key: &SysctlKey, value: &SysctlValue, field: &FieldPath, message: String) -> Finding {
    let off =
        matches!(value, SysctlValue::Integer(0)) || matches!(value, SysctlValue::Text(text) if text.trim() == "0");
    let finding = Finding::new(Code::SysctlOwned, field.clone(), message);
    if off && forwards(host) && FORWARDING.contains(&key.as_str()) {
        let offer = if host.tailscale.as_ref().is_some_and(|tailscale| tailscale.exit_node) {
            "network.vpn.tailscale.exitNode"
        } else {
            "network.vpn.tailscale.advertiseRoutes"
        };
        return finding
            .severity(Severity::Error)
            .with(host.field(offer), "this host forwards for others")
            .help("leave the line out: a host that does not forward is neither exit node nor subnet router");
    }
    finding.help("leave the line out")
}
