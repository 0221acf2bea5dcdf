//! The network of a container bridge is advertised, whose containers Docker keeps outsiders away from.
//!
//! ## Why
//!
//! Since release 28 Docker drops packets from outside to a container's own address before any other chain sees
//! them; before, its forward policy dropped them. No rule of ours can open what another table closes. The route is
//! approved, the packets arrive, and no container answers. Containers are also renumbered when they are made anew;
//! a port that is published on 127.0.0.1 and proxied keeps its place.
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
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   kernelcore.host.interfaces.docker0 = {
//!     role = "bridge";
//!     prefixes = [ "172.17.0.1/16" ];
//!   };
//!   kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "172.17.0.0/16" ];
//!   };
//!   kernelcore.network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!       forwardTo = [ "containers" ];
//!     };
//!     zones.containers = {
//!       interfaces = [ "docker0" ];
//!       forwardedTCPPorts = [ 8000 ];
//!     };
//!   };
//!   virtualisation.docker.daemon.settings.allow-direct-routing = true;
//! }
//! ```
//!
//! ## Source
//!
//! - <https://github.com/moby/moby/issues/51015>, <https://github.com/moby/moby/pull/49832>
//! - Docker, packet filtering and firewalls: <https://docs.docker.com/engine/network/packet-filtering-firewalls/>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Host, InterfaceRole, Zone};
use crate::net::{InterfaceName, Prefix};

/// Docker's default bridge, where `host.interfaces` does not say what the bridges are.
const DOCKER_BRIDGE: &str = "docker0";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    let list = host.field("network.vpn.tailscale.advertiseRoutes");
    let routes = tailscale
        .routes()
        .iter()
        .enumerate()
        .filter(|(_, route)| !route.is_default());
    for (index, route) in routes {
        let Some(bridge) = bridge_of(host, *route) else {
            continue;
        };
        if is_forwarded(host, &tailscale.interface, &bridge) {
            continue;
        }
        let message = format!(
            "{route} is the network of the container bridge {bridge}: Docker drops what comes to containers from outside"
        );
        findings.add(Finding::new(Code::DockerBridgeAdvertised, list.index(index), message).help(format!(
            "publish the container's port on 127.0.0.1 and proxy it; or set `virtualisation.docker.daemon.settings.allow-direct-routing = true` \
             and write `forwardTo` for the zone of {bridge} in the tailnet's zone"
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

/// Whether the author says himself that a zone of `from` is forwarded to a zone of `to`.
fn is_forwarded(host: &Host, from: &InterfaceName, to: &InterfaceName) -> bool {
    let Some(zones) = &host.zones else { return false };
    let has =
        |zone: &Zone, interface: &InterfaceName| zone.members.iter().any(|member| member.interface.matches(interface));
    zones.zones.values().filter(|zone| has(zone, from)).any(|zone| {
        let mut targets = zone.forward_to.iter().filter_map(|(name, _)| zones.zones.get(name));
        targets.any(|target| has(target, to))
    })
}
