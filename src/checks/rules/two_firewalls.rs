//! NixOS's own firewall is switched on beside the zones.
//!
//! ## Why
//!
//! With nftables every base chain decides for itself: what either of the two drops is dropped, however the other
//! one decides. NixOS's firewall knows nothing of the zones and drops all that they admit. The zones take its
//! place, so it is switched off.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//!   networking.firewall.enable = true;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//!   networking.nftables.enable = true;
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS `networking.firewall`
//! - nft(8), "Chains": an accept holds in its own chain, a drop is final

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(_), Some(field)) = (&host.zones, &host.upstream.firewall_enabled) else {
        return;
    };
    let message = "NixOS's own firewall would drop what the zones admit: with nftables a drop anywhere is final";
    findings.add(
        Finding::new(Code::TwoFirewalls, field.clone(), message)
            .with(
                host.field("network.security.firewall-zones.enable"),
                "the zones take its place",
            )
            .help("leave it out; its `allowedTCPPorts` go into a zone"),
    );
}
