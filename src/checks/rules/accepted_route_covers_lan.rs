//! A host accepts routes and another one advertises the network that it is itself attached to.
//!
//! ## Why
//!
//! On Linux the routes of the tailnet come before those of the interfaces: the host reaches its own neighbours by
//! way of the subnet router, and not at all when that one is down. Hosts on the network of a router do without its
//! routes.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.interfaces.enp3s0.prefixes = [ "192.168.15.20/24" ];
//!     network.vpn.tailscale = {
//!       enable = true;
//!       acceptRoutes = true;
//!     };
//!   };
//!   hosts.kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.interfaces.enp3s0.prefixes = [ "192.168.15.20/24" ];
//!     network.vpn.tailscale = {
//!       enable = true;
//!       acceptRoutes = false;
//!     };
//!   };
//!   hosts.kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - <https://github.com/tailscale/tailscale/issues/1227>
//! - tailscale `wgengine/router`: the rule for table 52

use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{FieldPath, Fleet, Host, Tailscale};
use crate::net::Prefix;

const FIELD: &str = "network.vpn.tailscale.advertiseRoutes";

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let hosts = fleet.hosts.values();
    let advertised: Vec<(Prefix, &Host, usize)> = hosts
        .flat_map(|host| {
            let routes = host.tailscale.iter().flat_map(Tailscale::routes).enumerate();
            routes.map(move |(index, route)| (*route, host, index))
        })
        .collect();
    for host in fleet.hosts.values() {
        if !host.tailscale.as_ref().is_some_and(|tailscale| tailscale.accept_routes) {
            continue;
        }
        // A router that accepts routes is told so by a rule of its own.
        for (interface, prefix, attached) in host.attached_prefixes() {
            let found = advertised
                .iter()
                .find(|(route, router, _)| router.name != host.name && route.covers(&prefix));
            let Some((route, router, index)) = found else { continue };
            findings.add(finding(host, interface.as_str(), attached, *route, router, *index));
        }
    }
}

fn finding(host: &Host, interface: &str, attached: FieldPath, route: Prefix, router: &Host, index: usize) -> Finding {
    let message = format!(
        "{} accepts {route} from {} and then reaches its own network behind {interface} through the tunnel",
        host.name, router.name
    );
    Finding::new(
        Code::AcceptedRouteCoversLan,
        host.field("network.vpn.tailscale.acceptRoutes"),
        message,
    )
    .with(attached, "attached itself")
    .with(
        router.field(FIELD).index(index),
        format!("advertised by {}", router.name),
    )
    .help("write `acceptRoutes = false` on hosts of that network")
}
