//! The network of a container bridge is advertised, and nothing forwards to it.
//!
//! ## Why
//!
//! Docker drops what is forwarded to its bridges unless it belongs to a published port, and a zone firewall
//! forwards only where it is told to. The route is approved, the packets arrive, and no container answers.
//! Containers are also renumbered when they are recreated; a published port behind the proxy stays.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "172.17.0.0/16" ];
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.docker0 = {
//!     role = "bridge";
//!     prefixes = [ "172.17.0.1/16" ];
//!   };
//!   network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "172.17.0.0/16" ];
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!       forwardTo = [ "containers" ];
//!     };
//!     zones.containers.interfaces = [ "docker0" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Docker, packet filtering and firewalls: <https://docs.docker.com/engine/network/packet-filtering-firewalls/>
//! - <https://github.com/NixOS/nixpkgs/issues/111852>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Host, InterfaceRole};
use crate::net::{InterfaceName, Prefix};

/// Docker's default bridge, where `host.interfaces` does not say what the bridges are.
const DOCKER_BRIDGE: &str = "docker0";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    let list = host.field("network.vpn.tailscale.advertiseRoutes");
    for (index, route) in tailscale.routes().iter().enumerate() {
        if route.is_default() {
            continue;
        }
        let Some(bridge) = bridge_of(host, *route) else {
            continue;
        };
        if is_forwarded(host, &tailscale.interface, &bridge) {
            continue;
        }
        let message = format!(
            "{route} is the network of the container bridge {bridge}, and nothing forwards from the tailnet to it"
        );
        findings.add(Finding::new(Code::DockerBridgeAdvertised, list.index(index), message).help(format!(
            "put {bridge} into a zone and write `forwardTo` for it in the tailnet's zone, or publish the container's port on 127.0.0.1 and proxy it"
        )));
    }
}

/// The container bridge that a route leads to.
fn bridge_of(host: &Host, route: Prefix) -> Option<InterfaceName> {
    let mut bridges = host.interfaces_as(InterfaceRole::Bridge);
    let known = bridges.find(|(_, bridge)| bridge.addresses.iter().any(|address| address.prefix().overlaps(&route)));
    known.map(|(name, _)| name.clone()).or_else(|| {
        let default = route
            .overlaps(&Prefix::DOCKER_DEFAULT)
            .then(|| DOCKER_BRIDGE.parse().ok());
        default.flatten()
    })
}

/// Whether a zone of `from` is forwarded to a zone of `to`.
fn is_forwarded(host: &Host, from: &InterfaceName, to: &InterfaceName) -> bool {
    let Some(zones) = &host.zones else { return false };
    let has = |zone: &crate::model::Zone, interface: &InterfaceName| {
        zone.members.iter().any(|member| member.interface.matches(interface))
    };
    zones.zones.values().filter(|zone| has(zone, from)).any(|zone| {
        let mut targets = zone.forward_to.iter().filter_map(|(name, _)| zones.zones.get(name));
        targets.any(|target| has(target, to))
    })
}
