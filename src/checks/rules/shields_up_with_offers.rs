//! The node refuses every connection from the tailnet and offers something to it.
//!
//! ## Why
//!
//! `shieldsUp` blocks all that comes in by the tailnet, whatever policy and zones say: services, SSH, and what a
//! subnet router or exit node is to forward.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     shieldsUp = true;
//!   };
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama.expose = "port";
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
//!     services.ollama.expose = "port";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `--shields-up`: <https://tailscale.com/kb/1072/client-preferences>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = host.tailscale.as_ref().filter(|tailscale| tailscale.shields_up) else {
        return;
    };
    let services = host.proxy.as_ref().is_some_and(|proxy| !proxy.services.is_empty());
    let offers = [
        (services, "network.proxy.nginx-tailscale.services", "its services"),
        (tailscale.exit_node, "network.vpn.tailscale.exitNode", "the exit node"),
        (
            !tailscale.routes().is_empty(),
            "network.vpn.tailscale.advertiseRoutes",
            "its routes",
        ),
        (tailscale.ssh, "network.vpn.tailscale.enableSSH", "SSH"),
    ];
    for (_, field, what) in offers.into_iter().filter(|(offered, ..)| *offered) {
        let message = format!("the node refuses every connection from the tailnet, so nobody reaches {what}");
        findings.add(
            Finding::new(
                Code::ShieldsUpWithOffers,
                host.field("network.vpn.tailscale.shieldsUp"),
                message,
            )
            .with(host.field(field), "offered here")
            .help("write `shieldsUp = false`; the policy and the zones decide who gets in"),
        );
    }
}
