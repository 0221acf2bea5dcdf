//! A zone has source addresses that lie behind no known interface.
//!
//! ## Why
//!
//! A source address proves nothing by itself: anybody on the local network can write 10.0.0.5 into a packet.
//! Addresses of a zone are therefore bound to the interface that they lie behind, the tailnet's or one of
//! `host.interfaces`. Those that lie behind none match nothing.
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
//!     zones.admin = {
//!       allowedIPs = [ "10.20.0.5" ];
//!       allowAllServices = true;
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
//!   host.interfaces.enp3s0.prefixes = [ "10.20.0.1/24" ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.admin = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.0.5" ];
//!       allowAllServices = true;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 2827 (BCP 38)

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let zones = context.host.zones.iter().flat_map(|zones| zones.zones.values());
    for zone in zones {
        for (prefix, field) in &zone.unbound {
            let message = format!(
                "{prefix} lies behind no interface that the profile knows, so it matches nobody in zone {}",
                zone.name
            );
            let finding = Finding::new(Code::AddressUnbound, field.clone(), message).help(format!(
                "write `interfaces` for zone {}, or the interface's prefix in `host.interfaces`",
                zone.name
            ));
            findings.add(if context.host.interfaces.is_empty() {
                finding
            } else {
                finding.with(context.host.field("host.interfaces"), "the known interfaces")
            });
        }
    }
}
