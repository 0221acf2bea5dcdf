//! The default route is among the advertised routes.
//!
//! ## Why
//!
//! A node that offers `0.0.0.0/0` and `::/0` is an exit node; with only one of the two, `tailscale` refuses. As a route
//! it bypasses what belongs to an exit node: the profile does not know that the host is one, and neither forwarding
//! nor zones are set up for it.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "0.0.0.0/0" ];
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
//!     exitNode = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Exit nodes: <https://tailscale.com/kb/1103/exit-nodes>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = &context.host.tailscale else {
        return;
    };
    let list = context.host.field("network.vpn.tailscale.advertiseRoutes");
    for (index, route) in tailscale.advertise_routes.iter().enumerate() {
        if route.is_default() {
            let message =
                format!("{route} is what an exit node offers, both families together, and no route of its own");
            findings.add(
                Finding::new(Code::DefaultRouteAdvertised, list.index(index), message)
                    .help("write `exitNode = true` instead"),
            );
        }
    }
}
