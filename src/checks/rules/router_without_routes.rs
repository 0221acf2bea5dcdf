//! The host is to be a subnet router and advertises no route.
//!
//! ## Why
//!
//! A subnet router forwards for the networks that it offers to the tailnet. Without any it only has forwarding
//! switched on, which nobody uses.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     enableSubnetRouter = true;
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
//!     enableSubnetRouter = true;
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
use crate::model::InterfaceRole;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if !tailscale.subnet_router || !tailscale.advertise_routes.is_empty() {
        return;
    }
    let lan = host
        .interfaces_as(InterfaceRole::Lan)
        .flat_map(|(_, interface)| &interface.addresses)
        .next();
    let example = lan.map_or_else(|| "192.168.15.0/24".to_owned(), |address| address.prefix().to_string());
    let message = "a subnet router without routes offers nothing";
    findings.add(
        Finding::new(
            Code::RouterWithoutRoutes,
            host.field("network.vpn.tailscale.enableSubnetRouter"),
            message,
        )
        .help(format!("write `advertiseRoutes = [ {example:?} ]`")),
    );
}
