//! The default policy lets everybody in.
//!
//! ## Why
//!
//! Zones admit; what no zone admits meets the policy. If that accepts, every port of the host is open to everybody,
//! and no zone changes anything. Restrictions come from what is not admitted.
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
//!     defaultPolicy = "accept";
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
//!     defaultPolicy = "drop";
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
//! - nftables, base chain policies: <https://wiki.nftables.org/wiki-nftables/index.php/Configuring_chains>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::DefaultPolicy;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host
        .zones
        .as_ref()
        .is_some_and(|zones| zones.default_policy == DefaultPolicy::Accept)
    {
        let message = "everybody is let in where no zone speaks, so the zones restrict nothing";
        findings.add(
            Finding::new(
                Code::PolicyAccepts,
                host.field("network.security.firewall-zones.defaultPolicy"),
                message,
            )
            .help("write `defaultPolicy = \"drop\"`"),
        );
    }
}
