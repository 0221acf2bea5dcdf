//! A host without tags offers a Tailscale Service.
//!
//! ## Why
//!
//! Only tagged nodes may be hosts of a Tailscale Service: it belongs to the tailnet, not to the user whose machine
//! serves it. The control server ignores the offer of an untagged one. Tags may also come with the auth key; then
//! weigh this finding down.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama.expose = "service";
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     tags = [ "tag:server" ];
//!   };
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama.expose = "service";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailscale Services, "Service hosts": <https://tailscale.com/kb/1552/tailscale-services>
//! - Tags: <https://tailscale.com/kb/1068/tags>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Exposure;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = context
        .host
        .tailscale
        .as_ref()
        .filter(|tailscale| tailscale.tags.is_empty())
    else {
        return;
    };
    for service in context
        .services()
        .filter(|service| service.exposure == Exposure::TailscaleService)
    {
        let message = format!(
            "only tagged nodes may offer a Tailscale Service, and {} has no tags",
            tailscale.hostname
        );
        findings.add(
            Finding::new(Code::ServiceNeedsTag, service.field("expose"), message)
                .with(context.host.field("network.vpn.tailscale.tags"), "no tags here")
                .help("write `network.vpn.tailscale.tags = [ \"tag:server\" ]` (its owner must be in the policy's `tagOwners`)"),
        );
    }
}
