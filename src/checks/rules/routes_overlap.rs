//! One advertised route lies within another.
//!
//! ## Why
//!
//! The wider route covers the narrower one, so the narrower changes nothing but has to be approved on its own. It
//! matters only where another router advertises the wider one.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.0.0/16" "192.168.15.0/24" ];
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
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Subnet routers: <https://tailscale.com/kb/1019/subnets>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = &context.host.tailscale else {
        return;
    };
    let list = context.host.field("network.vpn.tailscale.advertiseRoutes");
    let routes = &tailscale.advertise_routes;
    for (index, route) in routes.iter().enumerate() {
        let wider = routes.iter().enumerate().find(|(other, wider)| {
            *other != index && wider.covers(route) && !wider.is_default() && (wider != &route || *other < index)
        });
        let Some((other, wider)) = wider else { continue };
        let message = if wider == route {
            format!("{route} is advertised twice")
        } else {
            format!("{route} lies within {wider}, which is advertised as well")
        };
        findings.add(
            Finding::new(Code::RoutesOverlap, list.index(index), message)
                .with(
                    list.index(other),
                    if wider == route { "here too" } else { "the wider one" },
                )
                .help("keep one of the two"),
        );
    }
}
