//! The port of WireGuard is closed, so every connection of the node goes through a relay.
//!
//! ## Why
//!
//! Peers find a direct way to the node by its UDP port (41641). With the port closed, or chosen anew at every
//! start, they fall back to Tailscale's relays, with the latency and the throughput of a detour, unless the node
//! happens to reach them first. tailscaled's own accept does not help: with nftables a drop in another chain is
//! final.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     openFirewall = false;
//!   };
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
//!   network.vpn.tailscale = {
//!     enable = true;
//!     openFirewall = true;
//!   };
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
//! ## Source
//!
//! - Firewall ports: <https://tailscale.com/kb/1082/firewall-ports>

use crate::checks::admission::inhabited;
use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::net::Transport;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(tailscale), Some(_)) = (&host.tailscale, &host.zones) else {
        return;
    };
    let Some(port) = tailscale.port else {
        let message =
            "tailscaled chooses another port at every start, which no zone can admit: peers come through a relay";
        findings.add(
            Finding::new(
                Code::WireguardPortClosed,
                host.field("network.vpn.tailscale.port"),
                message,
            )
            .help("write `port = 41641`, or leave it out"),
        );
        return;
    };
    let in_tunnel = |zone: &crate::model::Zone| {
        zone.members
            .iter()
            .all(|member| member.interface.matches(&tailscale.interface))
    };
    let mut zones = inhabited(host).filter(|zone| !in_tunnel(zone));
    if tailscale.open_firewall || zones.any(|zone| host.zone_admits(zone, Transport::Udp, port)) {
        return;
    }
    let message =
        format!("no zone admits UDP {port}, so peers find no direct way to this node and come through a relay");
    findings.add(
        Finding::new(
            Code::WireguardPortClosed,
            host.field("network.vpn.tailscale.openFirewall"),
            message,
        )
        .help(format!(
            "write `openFirewall = true`, or `allowedUDPPorts = [ {port} ]` in the zone of the uplink"
        )),
    );
}
