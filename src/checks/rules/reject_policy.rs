//! The default policy is to refuse with an answer.
//!
//! ## Why
//!
//! A base chain of nftables has one of two policies, accept and drop. What is rendered is a chain that drops, whose
//! last rule rejects: TCP gets a reset, the rest "administratively prohibited". Unlike silence, this tells a
//! stranger that there is a host; on the local network it saves everybody a time-out.
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
//!     defaultPolicy = "reject";
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
//! - nft(8), "Chains" and "Reject statement"

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::DefaultPolicy;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host
        .zones
        .as_ref()
        .is_some_and(|zones| zones.default_policy == DefaultPolicy::Reject)
    {
        let message = "a chain of nftables cannot have this policy; it is rendered as a chain that drops, with a final rule that rejects";
        findings.add(
            Finding::new(
                Code::RejectPolicy,
                host.field("network.security.firewall-zones.defaultPolicy"),
                message,
            )
            .help("nothing needs to change; `defaultPolicy = \"drop\"` gives strangers no answer"),
        );
    }
}
