//! tailscaled is told to program another netfilter backend than the zones use.
//!
//! ## Why
//!
//! The zones make the host an nftables host, on which the iptables kernel module is not loaded. NixOS puts iptables
//! on tailscaled's PATH, so `auto` finds it and takes it: its chains fail to load, or stand beside the nftables
//! ones where nobody looks for them.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     firewallMode = "auto";
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     firewallMode = "nftables";
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - <https://github.com/NixOS/nixpkgs/issues/285676>
//! - tailscale `util/linuxfw`, `TS_DEBUG_FIREWALL_MODE`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::FirewallMode;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(tailscale), Some(_)) = (&host.tailscale, &host.zones) else {
        return;
    };
    let why = match tailscale.firewall_mode {
        None | Some(FirewallMode::Nftables) => return,
        Some(FirewallMode::Auto) => "finds NixOS's iptables and takes it",
        Some(FirewallMode::Iptables) => "wants iptables",
    };
    let message = format!("tailscaled {why}, while the zones make this an nftables host");
    findings.add(
        Finding::new(
            Code::FirewallMode,
            host.field("network.vpn.tailscale.firewallMode"),
            message,
        )
        .with(
            host.field("network.security.firewall-zones.enable"),
            "the zones are nftables",
        )
        .help("write `firewallMode = \"nftables\"`, or leave it out"),
    );
}
