//! A subnet router accepts the routes of other nodes.
//!
//! ## Why
//!
//! It works: forwarding is on and the reverse path filter is relaxed (`useRoutingFeatures = "both"`). But if a
//! second router advertises the same network, as for high availability, this one learns a route to its own network
//! through the tailnet and prefers it.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!     acceptRoutes = true;
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
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!     acceptRoutes = false;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Overlapping routes: <https://tailscale.com/kb/1019/subnets>
//! - NixOS `services.tailscale.useRoutingFeatures`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if !tailscale.accept_routes || tailscale.routes().is_empty() {
        return;
    }
    let message = "a router that accepts routes reaches its own network through the tailnet as soon as a second router advertises it";
    findings.add(
        Finding::new(
            Code::RouterAcceptsRoutes,
            host.field("network.vpn.tailscale.acceptRoutes"),
            message,
        )
        .with(host.field("network.vpn.tailscale.advertiseRoutes"), "its own network")
        .help("write `acceptRoutes = false` unless this host itself needs the networks of other routers"),
    );
}
