//! Zones are enabled on a host with container bridges, whose published ports they do not see as ports of the host.
//!
//! ## Why
//!
//! A port that Docker or Podman publishes is rewritten before it reaches the host's own input: it is forwarded to
//! the container. The ports and services of a zone are about the host itself and neither open nor close it; what
//! decides is `forwardTo`, from the zone of the client to that of the bridge. Publish on 127.0.0.1 what only the
//! proxy is to reach.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.docker0.role = "bridge";
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
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
//!   host.interfaces.docker0.role = "bridge";
//!   network.vpn.tailscale.enable = true;
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
use crate::model::InterfaceRole;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(zones) = &host.zones else { return };
    for (bridge, _) in host.interfaces_as(InterfaceRole::Bridge) {
        let has_zone = zones
            .zones
            .values()
            .any(|zone| zone.members.iter().any(|member| member.interface.matches(bridge)));
        if has_zone {
            continue;
        }
        let message = format!(
            "ports that containers publish by {bridge} are forwarded, so no zone's ports apply to them, and {bridge} is in no zone"
        );
        findings.add(
            Finding::new(
                Code::PublishedPortsBypass,
                host.field("host.interfaces").name(bridge.to_string()),
                message,
            )
            .with(host.field("network.security.firewall-zones.zones"), "the zones")
            .help(format!(
                "put {bridge} into a zone of its own and write `forwardTo` where its containers may be reached from"
            )),
        );
    }
}
