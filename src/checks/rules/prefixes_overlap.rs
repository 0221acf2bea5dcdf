//! A prefix of one zone lies in a prefix of another.
//!
//! ## Why
//!
//! The longest prefix wins: who is in the inner one is in its zone and in no other, and what the outer zone allows is not
//! asked for them. That is how zones are nested, and rarely what was meant by accident, so both lines are named.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.enp3s0.prefixes = [ "10.20.0.1/16" ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.office = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.0.0/16" ];
//!     };
//!     zones.printers = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.7.0/24" ];
//!       allowedTCPPorts = [ 631 ];
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
//!   host.interfaces.enp3s0.prefixes = [ "10.20.0.1/16" ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.office = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.0.0/24" ];
//!     };
//!     zones.printers = {
//!       interfaces = [ "enp3s0" ];
//!       allowedIPs = [ "10.20.7.0/24" ];
//!       allowedTCPPorts = [ 631 ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - docs/firewall.md, on which zone a packet belongs to
use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Zone, ZoneMember};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(zones) = &context.host.zones else { return };
    let members: Vec<(&Zone, &ZoneMember)> = zones
        .zones
        .values()
        .flat_map(|zone| zone.members.iter().map(move |member| (zone, member)))
        .collect();
    let mut told = Vec::new();
    for (zone, inner) in &members {
        let Some(prefix) = inner.prefix else { continue };
        // The nearest one around it, for that is whose packets it takes.
        let around = members.iter().filter(|(other, outer)| {
            let covers = outer
                .prefix
                .is_some_and(|outer| outer.covers(&prefix) && outer != prefix);
            other.name != zone.name && outer.interface == inner.interface && covers
        });
        let Some((other, outer)) = around.max_by_key(|(_, outer)| outer.prefix.map(|prefix| prefix.len())) else {
            continue;
        };
        let pair = (&inner.origin, &outer.origin);
        let Some(wide) = outer.prefix.filter(|_| !told.contains(&pair)) else {
            continue;
        };
        told.push(pair);
        let message = format!(
            "{prefix} lies in {wide} of zone {}: its packets are in zone {} alone",
            other.name, zone.name
        );
        findings.add(
            Finding::new(Code::PrefixesOverlap, inner.origin.clone(), message)
                .with(outer.origin.clone(), "the prefix around it")
                .help(format!(
                    "allow in {} what {} allows and is wanted here too, or take the two apart",
                    zone.name, other.name
                )),
        );
    }
}
