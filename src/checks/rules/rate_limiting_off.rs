//! New connections are not limited.
//!
//! ## Why
//!
//! One client can then open connections until sshd, nginx or the connection table has no room for others. The limit
//! counts per source address and before anything is admitted, so that one client cannot use up what belongs to all.
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
//!     enableRateLimiting = false;
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
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     enableRateLimiting = true;
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
//! - nftables meters: <https://wiki.nftables.org/wiki-nftables/index.php/Meters>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.zones.as_ref().is_some_and(|zones| !zones.rate_limiting) {
        let message = "nothing keeps one client from opening connections until there is no room for others";
        findings.add(
            Finding::new(
                Code::RateLimitingOff,
                host.field("network.security.firewall-zones.enableRateLimiting"),
                message,
            )
            .help("leave it out: 50 new connections per second and source are let through, and 100 more at once"),
        );
    }
}
