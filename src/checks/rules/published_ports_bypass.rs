//! Containers of the host can publish ports that no zone speaks of.
//!
//! ## Why
//!
//! A port that Docker or Podman publishes is rewritten before it reaches the host's own input: it is forwarded to
//! the container. The ports and services that a zone allows are about the host itself and neither open nor close
//! it: whoever the host passes on reaches it. What may be reached in the containers is said in the zone of their
//! bridge (`forwardedTCPPorts`, `forwardedServices`, `denyInterzone`). A port that only the proxy is to reach is
//! published on 127.0.0.1.
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
//!     };
//!     zones.containers = {
//!       interfaces = [ "docker0" ];
//!       forwardedTCPPorts = [ 8000 ];
//!     };
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
use crate::model::{InterfaceRole, Zone};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(zones) = &host.zones else { return };
    for (bridge, _) in host.interfaces_as(InterfaceRole::Bridge) {
        let here = |zone: &&Zone| zone.members.iter().any(|member| member.interface.matches(bridge));
        let zone = zones.zones.values().find(here);
        let (field, help) = match zone {
            Some(zone) if zone.forwarded.is_some() || zone.deny_interzone => continue,
            Some(zone) => (
                zone.origin.clone(),
                format!(
                    "write `forwardedTCPPorts` in zone {}: the containers' ports that others may reach",
                    zone.name
                ),
            ),
            None => (
                host.field("host.interfaces").name(bridge.to_string()),
                format!(
                    "put {bridge} into a zone of its own, with `forwardedTCPPorts` for what others may reach in it"
                ),
            ),
        };
        let message = format!(
            "ports that containers publish by {bridge} are forwarded, so what zones allow on this host does not hold for them"
        );
        findings.add(Finding::new(Code::PublishedPortsBypass, field, message).help(help));
    }
}
