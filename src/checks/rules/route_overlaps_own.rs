//! An advertised route is no network behind the host: it is the host's own address, or the network of its uplink.
//!
//! ## Why
//!
//! The tailnet reaches the host itself by its tailnet address; a route to its address on the local network takes a
//! detour to the same place. The network of the uplink belongs to the provider or to the data centre: advertising
//! it sends the clients' traffic to strangers' machines through this host.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.eth0 = {
//!     role = "wan";
//!     prefixes = [ "203.0.113.7/24" ];
//!   };
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "203.0.113.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.eth0 = {
//!     role = "wan";
//!     prefixes = [ "203.0.113.7/24" ];
//!   };
//!   host.interfaces.eth1.prefixes = [ "192.168.15.1/24" ];
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

use std::net::IpAddr;

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{FieldPath, Host, InterfaceRole};
use crate::net::Prefix;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    let list = host.field("network.vpn.tailscale.advertiseRoutes");
    for (index, route) in tailscale
        .advertise_routes
        .iter()
        .enumerate()
        .filter(|(_, route)| !route.is_default())
    {
        let field = list.index(index);
        if let Some((address, interface)) = own_address(host, *route) {
            let message =
                format!("{route} is this host's own address on {interface}, where the tailnet has another one for it");
            findings.add(
                Finding::new(Code::RouteOverlapsOwn, field, message)
                    .with(address, "the host's own address")
                    .help("leave it out, or advertise the network"),
            );
        } else if let Some((prefix, interface, attached)) = uplink(host, *route) {
            let message =
                format!("{route} is the network of the uplink {interface}, whose other machines are not yours");
            findings.add(
                Finding::new(Code::RouteOverlapsOwn, field, message)
                    .with(attached, format!("{prefix}, role wan"))
                    .help("advertise the network behind the host; for the internet write `exitNode = true`"),
            );
        }
    }
}

/// The interface address that the route is, exactly.
fn own_address(host: &Host, route: Prefix) -> Option<(FieldPath, &str)> {
    host.interfaces.iter().find_map(|(name, interface)| {
        let mut addresses = interface.addresses.iter();
        let index = addresses.position(|address| route == Prefix::host(address.address()))?;
        let field = host
            .field("host.interfaces")
            .name(name.to_string())
            .name("prefixes")
            .index(index);
        Some((field, name.as_str()))
    })
}

/// The network of an uplink that the route has addresses of.
fn uplink(host: &Host, route: Prefix) -> Option<(Prefix, &str, FieldPath)> {
    let mut attached = host.attached_prefixes().filter(|(name, ..)| {
        let interface = host.interfaces.get(*name);
        interface.is_some_and(|interface| interface.role == InterfaceRole::Wan)
    });
    // A private network on the way to the internet is somebody's home or office.
    let (name, prefix, field) = attached.find(|(_, prefix, _)| is_public(*prefix) && prefix.overlaps(&route))?;
    Some((prefix, name.as_str(), field))
}

fn is_public(prefix: Prefix) -> bool {
    match prefix.network() {
        IpAddr::V4(address) => !address.is_private() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_unique_local() && !address.is_unicast_link_local(),
    }
}
