//! A zone is to forward to a zone that does not exist.
//!
//! ## Why
//!
//! Nothing would be forwarded, and nothing would say so. A zone that is written but not enabled does not exist
//! either.
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
//!       forwardTo = [ "dmy" ];
//!     };
//!     zones.dmz.interfaces = [ "enp3s0" ];
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
//!       forwardTo = [ "dmz" ];
//!     };
//!     zones.dmz.interfaces = [ "enp3s0" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `forwardTo`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, nearest};
use crate::net::ZoneName;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(zones) = &context.host.zones else { return };
    for (name, field) in zones.zones.values().flat_map(|zone| &zone.forward_to) {
        if zones.zones.contains_key(name) {
            continue;
        }
        let names = zones.zones.keys().map(ZoneName::as_str);
        let message = format!("there is no enabled zone {:?}", name.as_str());
        findings.add(Finding::new(Code::UnknownZone, field.clone(), message).help(
            match nearest(names, name.as_str()) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("write the zone, or set `enable = true` in zone {name}"),
            },
        ));
    }
}
