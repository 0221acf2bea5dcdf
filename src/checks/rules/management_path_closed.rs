//! One of the ways by which the operator gets in is closed.
//!
//! ## Why
//!
//! The ways in of `host.management` are what remains when something breaks. One that is closed will be missed on
//! the day that the other one fails.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [
//!     { via = "tailscale0"; service = "ssh"; }
//!     { via = "enp3s0"; service = "ssh"; }
//!   ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.lan = {
//!       interfaces = [ "enp3s0" ];
//!       allowedTCPPorts = [ 443 ];
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
//!   host.management = [
//!     { via = "tailscale0"; service = "ssh"; }
//!     { via = "enp3s0"; service = "ssh"; }
//!   ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.lan = {
//!       interfaces = [ "enp3s0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `host.management`

use crate::checks::context::Context;
use crate::checks::management::{self, Way};
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let ways = management::ways(context.host);
    // Where all are closed, another rule says so.
    if ways.iter().all(|way| way.closed.is_some()) {
        return;
    }
    for Way { path, closed } in ways {
        let Some(closed) = closed else { continue };
        let message = format!("this way in is closed: {}", closed.why);
        findings.add(
            Finding::new(Code::ManagementPathClosed, path.origin.clone(), message)
                .with(closed.by, "closed here")
                .help(closed.way_out),
        );
    }
}
