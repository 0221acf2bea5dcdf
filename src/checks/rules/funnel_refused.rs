//! A service is to be public through Funnel and cannot be.
//!
//! ## Why
//!
//! `shieldsUp` refuses every connection from outside, those that Funnel brings included. And only the node's own
//! name can be public: a Tailscale Service has a name and addresses of its own that exist within the tailnet alone.
//!
//! ## Bad
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
//!     services.tensorzero = {
//!       expose = "service";
//!       auth = "none";
//!       funnel = true;
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
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.tensorzero = {
//!       expose = "port";
//!       auth = "none";
//!       funnel = true;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Funnel: <https://tailscale.com/kb/1223/funnel>
//! - Tailscale Services: <https://tailscale.com/kb/1552/tailscale-services>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Exposure;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let shields_up = host.tailscale.as_ref().is_some_and(|tailscale| tailscale.shields_up);
    for service in context.services().filter(|service| service.funnel.is_some()) {
        let name = service.name.as_str();
        if service.exposure == Exposure::TailscaleService {
            let message =
                format!("{name:?} is a Tailscale Service, which cannot be public: only the node's own name can");
            findings.add(
                Finding::new(Code::FunnelRefused, service.field("funnel"), message)
                    .with(service.field("expose"), "a name within the tailnet")
                    .help("write `expose = \"port\"`, or leave `funnel` out"),
            );
        }
        if shields_up {
            let message = format!("{name:?} is to be public, but the node refuses every connection from outside");
            findings.add(
                Finding::new(Code::FunnelRefused, service.field("funnel"), message)
                    .with(host.field("network.vpn.tailscale.shieldsUp"), "refused by this")
                    .help("write `shieldsUp = false` (the zones decide what is open), or leave `funnel` out"),
            );
        }
    }
}
