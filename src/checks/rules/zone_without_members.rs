//! A zone has neither interfaces nor addresses, so nobody is in it.
//!
//! ## Why
//!
//! What the zone allows is allowed to nobody. For packets that should be in it the default policy decides instead,
//! which mostly drops them.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.dmz = {
//!       enable = true;
//!       allowedTCPPorts = [ 80 443 ];
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
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.dmz = {
//!       enable = true;
//!       interfaces = [ "enp3s0" ];
//!       allowedTCPPorts = [ 80 443 ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `network.security.firewall-zones.zones`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::InterfaceRole;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for zone in host.zones.iter().flat_map(|zones| zones.zones.values()) {
        if !zone.members.is_empty() || !zone.unbound.is_empty() {
            continue;
        }
        let lan = host
            .interfaces_as(InterfaceRole::Lan)
            .map(|(name, _)| name.as_str())
            .next();
        let message = format!(
            "nobody is in zone {}: it has neither interfaces nor addresses",
            zone.name
        );
        findings.add(
            Finding::new(Code::ZoneWithoutMembers, zone.origin.clone(), message)
                .help(format!("write `interfaces = [ {:?} ]`", lan.unwrap_or("enp3s0"))),
        );
    }
}
