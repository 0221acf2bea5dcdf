//! A zone admits what is admitted in any case.
//!
//! ## Why
//!
//! IPv6 dies without ICMPv6: neighbours are not found, large packets vanish. So ICMPv6 (by type), path MTU messages
//! of IPv4, answers of DHCP servers, and the neighbour discovery of every zone are always let in, and no zone can
//! switch them off. A line for them looks like a switch that it is not.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!       allowedUDPPorts = [ 546 ];
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
//! ## Source
//!
//! - RFC 4890 §4.4
//! - RFC 8415 §7.2

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::known_service;
use crate::net::Port;

/// Where a `DHCPv6` client listens (RFC 8415 §7.2).
const DHCPV6_CLIENT: Port = Port::constant(546);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for zone in context.host.zones.iter().flat_map(|zones| zones.zones.values()) {
        let by_port = zone
            .udp
            .ranges()
            .iter()
            .any(|range| range.single() == Some(DHCPV6_CLIENT));
        let by_name = zone.services.iter().find(|service| {
            known_service::known(service.name.as_str()).is_some_and(|known| known.name == "dhcpv6-client")
        });
        let field = match by_name {
            Some(service) => service.origin.clone(),
            None if by_port => zone.field("allowedUDPPorts"),
            None => continue,
        };
        let message =
            "answers of DHCPv6 servers are let in on every interface, as ICMPv6 is; no zone switches them on or off";
        findings.add(Finding::new(Code::AlwaysAdmitted, field, message).help("leave it out"));
    }
}
