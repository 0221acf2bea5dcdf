//! A network is advertised that the host is not attached to.
//!
//! ## Why
//!
//! Clients send packets for the route to this host, and it has no interface to pass them on by: they go out by its
//! default route or are dropped. Where it reaches the network through another router, weigh this finding down.
//! Known are the prefixes of `host.interfaces`; without any, nothing is compared.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.enp3s0.prefixes = [ "192.168.15.10/24" ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.51.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.enp3s0.prefixes = [ "192.168.15.10/24" ];
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
use crate::net::Prefix;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    let attached: Vec<_> = host.attached_prefixes().collect();
    if attached.is_empty() {
        return;
    }
    let list = host.field("network.vpn.tailscale.advertiseRoutes");
    for (index, route) in tailscale.advertise_routes.iter().enumerate() {
        let known_elsewhere = route.is_default() || route.overlaps_tailnet() || route.overlaps(&Prefix::DOCKER_DEFAULT);
        if known_elsewhere || attached.iter().any(|(_, prefix, _)| prefix.covers(route)) {
            continue;
        }
        let within = attached.iter().find(|(_, prefix, _)| route.covers(prefix));
        let finding = if let Some((interface, prefix, field)) = within {
            let message =
                format!("{route} is more than the host is attached to: the rest of it would be sent here in vain");
            Finding::new(Code::RouteNotAttached, list.index(index), message)
                .with(field.clone(), format!("{interface} is attached to this"))
                .help(format!("write {:?}", prefix.to_string()))
        } else {
            let message = format!("the host is attached to no network of {route}, so it could not pass packets on");
            let near: Vec<_> = attached
                .iter()
                .map(|(_, prefix, _)| format!("{:?}", prefix.to_string()))
                .collect();
            Finding::new(Code::RouteNotAttached, list.index(index), message)
                .with(host.field("host.interfaces"), "the host's interfaces")
                .help(format!(
                    "write {}, or add the interface that leads there to `host.interfaces`",
                    near.join(" or ")
                ))
        };
        findings.add(finding);
    }
}
