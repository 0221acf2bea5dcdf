//! The limit of new connections is so low that ordinary clients run into it.
//!
//! ## Why
//!
//! A browser opens a dozen connections at once, a backup or a build many more. Connections above rate and burst are
//! dropped without an answer: the page hangs, and nothing says why.
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
//!     enableRateLimiting = true;
//!     rateLimitBurst = 3;
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
//!     rateLimitBurst = 100;
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
//! - nft(8), "Limit statement"

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

/// New connections that a browser opens at once, and some room.
const AT_ONCE: u32 = 20;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(zones) = host.zones.as_ref().filter(|zones| zones.rate_limiting) else {
        return;
    };
    if zones.rate_limit_burst >= AT_ONCE {
        return;
    }
    let message = format!(
        "a client may open {} connections at once above {}, fewer than a browser does for one page",
        zones.rate_limit_burst, zones.rate_limit
    );
    findings.add(
        Finding::new(
            Code::ConnectionLimitLow,
            host.field("network.security.firewall-zones.rateLimitBurst"),
            message,
        )
        .help("write `rateLimitBurst = 100`, or leave it out"),
    );
}
