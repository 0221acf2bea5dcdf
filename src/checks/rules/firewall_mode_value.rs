//! `TS_DEBUG_FIREWALL_MODE` has a value that tailscaled does not know, or is set beside the option for it.
//!
//! ## Why
//!
//! The variable names a backend: `auto`, `nftables` or `iptables`. It switches no logging on, and `"true"` is
//! ignored with a line in the log that nobody reads. With Tailscale enabled in the profile the variable is rendered
//! as well, and wins.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     firewallMode = "nftables";
//!   };
//!   systemd.services.tailscaled.environment = {
//!     TS_DEBUG_FIREWALL_MODE = "true";
//!   };
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
//!     firewallMode = "nftables";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - tailscale `util/linuxfw`
//! - Logs of tailscaled: `journalctl -u tailscaled`, and `tailscale debug daemon-logs` for more of them

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::FirewallMode;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some((value, field)) = &host.upstream.tailscaled_firewall_mode else {
        return;
    };
    let rendered = host.tailscaled_backend();
    let option = host.field("network.vpn.tailscale.firewallMode");
    if FirewallMode::named(value).is_none() {
        let message = format!(
            "{value:?} is no netfilter backend; the variable takes \"auto\", \"nftables\" or \"iptables\" and switches no logging on"
        );
        let finding = Finding::new(Code::FirewallModeValue, field.clone(), message);
        findings.add(finding.help(
            "leave it out and write `kernelcore.network.vpn.tailscale.firewallMode = \"nftables\"`; \
             more of the log shows `tailscale debug daemon-logs`",
        ));
    } else if let Some(mode) = rendered.filter(|mode| mode.as_str() != value) {
        let message = format!(
            "the backend is said twice: {value:?} here and {:?} by the option",
            mode.as_str()
        );
        findings.add(
            Finding::new(Code::FirewallModeValue, field.clone(), message)
                .with(option, format!("{:?}, also by default", mode.as_str()))
                .help("leave the variable out"),
        );
    }
}
