//! An advertised route contains addresses of the tailnet itself.
//!
//! ## Why
//!
//! `100.64.0.0/10` and `fd7a:115c:a1e0::/48` are where Tailscale numbers its nodes. A route to them through one node
//! would send the traffic of all peers to it; the control server drops such routes, or peers lose each other.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "100.64.0.0/16" ];
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
//! - RFC 6598
//! - Reserved addresses: <https://tailscale.com/kb/1304/ip-pool>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = &context.host.tailscale else {
        return;
    };
    let list = context.host.field("network.vpn.tailscale.advertiseRoutes");
    for (index, route) in tailscale.advertise_routes.iter().enumerate() {
        if !route.is_default() && route.overlaps_tailnet() {
            let message =
                format!("{route} contains addresses of the tailnet itself, whose nodes would lose each other");
            findings.add(
                Finding::new(Code::RouteOverlapsTailnet, list.index(index), message)
                    .help("advertise the network behind this host, such as \"192.168.15.0/24\""),
            );
        }
    }
}
