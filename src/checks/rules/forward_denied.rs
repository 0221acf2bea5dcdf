//! A zone is to forward to another one, and one of the two refuses every exchange with others.
//!
//! ## Why
//!
//! `denyInterzone` wins: nothing passes between the zone and any other, in either direction. A zone called
//! `isolated` has it unless it is told otherwise.
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
//!       forwardTo = [ "lab" ];
//!     };
//!     zones.lab = {
//!       interfaces = [ "br-lab" ];
//!       denyInterzone = true;
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
//!       forwardTo = [ "lab" ];
//!     };
//!     zones.lab.interfaces = [ "br-lab" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `denyInterzone`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(zones) = &context.host.zones else { return };
    for zone in zones.zones.values() {
        for (name, field) in &zone.forward_to {
            let Some(target) = zones.zones.get(name) else { continue };
            let Some(closed) = [zone, target].into_iter().find(|zone| zone.deny_interzone) else {
                continue;
            };
            let message = format!(
                "nothing passes from {} to {name}, because zone {} refuses every exchange",
                zone.name, closed.name
            );
            findings.add(
                Finding::new(Code::ForwardDenied, field.clone(), message)
                    .with(closed.field("denyInterzone"), "refused by this")
                    .help("keep one of the two lines"),
            );
        }
    }
}
