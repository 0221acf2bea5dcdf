//! A zone has the whole tailnet by IPv4 and not by IPv6.
//!
//! ## Why
//!
//! Every node has two tailnet addresses, one of each family, and clients prefer IPv6 where a name gives them both.
//! The same peer is then in this zone or in another, depending on which one its program took.
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
//!     zones.peers = {
//!       allowedIPs = [ "100.64.0.0/10" ];
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
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.peers = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailscale addresses: <https://tailscale.com/kb/1033/ip-and-dns-addresses>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::net::Prefix;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailnet) = context.tailnet_interface() else {
        return;
    };
    for zone in host.zones.iter().flat_map(|zones| zones.zones.values()) {
        let here = || zone.members.iter().filter(|member| member.interface.matches(&tailnet));
        let covers =
            |whole: Prefix| here().find(move |member| member.prefix.is_none_or(|prefix| prefix.covers(&whole)));
        let Some(v4) = covers(Prefix::TAILNET_V4).filter(|member| member.prefix.is_some()) else {
            continue;
        };
        if covers(Prefix::TAILNET_V6).is_some() {
            continue;
        }
        let message = format!(
            "zone {} has every peer by IPv4 and none by IPv6, where each has an address as well",
            zone.name
        );
        findings.add(
            Finding::new(Code::Ipv6LeftOut, v4.origin.clone(), message).help(format!(
                "write `interfaces = [ {:?} ]` instead, or add \"{}\"",
                tailnet.as_str(),
                Prefix::TAILNET_V6
            )),
        );
    }
}
