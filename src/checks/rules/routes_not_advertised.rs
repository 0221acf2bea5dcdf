//! Routes are written and the subnet router is switched off.
//!
//! ## Why
//!
//! With `enableSubnetRouter = false` the host neither forwards nor offers its routes: `advertiseRoutes` has no
//! effect.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     enableSubnetRouter = false;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
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

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if tailscale.subnet_router || tailscale.advertise_routes.is_empty() {
        return;
    }
    let message = "these routes are not offered, because the subnet router is switched off";
    findings.add(
        Finding::new(
            Code::RoutesNotAdvertised,
            host.field("network.vpn.tailscale.advertiseRoutes"),
            message,
        )
        .with(host.field("network.vpn.tailscale.enableSubnetRouter"), "off")
        .help("write `enableSubnetRouter = true`, or leave the routes out"),
    );
}
