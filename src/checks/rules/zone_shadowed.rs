//! A zone takes every source of an interface, so another zone of that interface is left with nobody.
//!
//! ## Why
//!
//! Inside an interface the longest prefix decides. 100.64.0.0/10 is the whole tailnet: a zone that has it for its
//! `allowedIPs` has every peer, whatever the zone of the interface itself allows. If it is the zone of the
//! operator, everybody is the operator.
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
//!       allowedServices = [ "ssh" "postgresql" ];
//!     };
//!     zones.admin = {
//!       allowedIPs = [ "100.64.0.0/10" ];
//!       allowAllServices = true;
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
//!       allowedServices = [ "ssh" "postgresql" ];
//!     };
//!     zones.admin = {
//!       allowedIPs = [ "100.64.0.2" ];
//!       allowAllServices = true;
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
use crate::model::{Zone, ZoneMember};
use crate::net::{InterfaceAddress, InterfaceName, Prefix};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(zones) = &host.zones else { return };
    for shadowed in zones.zones.values() {
        for whole in shadowed.members.iter().filter(|member| member.prefix.is_none()) {
            let others = zones.zones.values().filter(|other| other.name != shadowed.name);
            let mut others = others.flat_map(|other| other.members.iter().map(move |member| (other, member)));
            let Some((other, member)) = others.find(|(_, member)| takes_all(context, member, whole)) else {
                continue;
            };
            findings.add(finding(other, member, shadowed, whole));
        }
    }
}

fn finding(other: &Zone, member: &ZoneMember, shadowed: &Zone, whole: &ZoneMember) -> Finding {
    let prefix = member.prefix.map(|prefix| prefix.to_string()).unwrap_or_default();
    let what = if other.allow_all {
        "and may reach everything".to_owned()
    } else {
        format!("and what {} allows is never asked", shadowed.name)
    };
    let message = format!(
        "{prefix} is everybody behind {}, so all of them are in zone {} {what}",
        whole.interface, other.name
    );
    Finding::new(Code::ZoneShadowed, member.origin.clone(), message)
        .with(
            whole.origin.clone(),
            format!("nobody is left for zone {}", shadowed.name),
        )
        .help(format!(
            "write the addresses that are really meant in {}, such as \"100.64.0.2\"",
            other.name
        ))
}

/// Whether `member` has all IPv4 sources that can rightly come by the interface of `whole`.
fn takes_all(context: &Context<'_>, member: &ZoneMember, whole: &ZoneMember) -> bool {
    let (Some(prefix), Some(interface)) = (member.prefix, whole.interface.exact()) else {
        return false;
    };
    if member.interface != whole.interface || !prefix.is_ipv4() {
        return false;
    }
    let behind = sources(context, interface);
    prefix.is_default() || !behind.is_empty() && behind.iter().all(|source| prefix.covers(source))
}

/// The IPv4 networks behind an interface, as far as they are known.
fn sources(context: &Context<'_>, interface: &InterfaceName) -> Vec<Prefix> {
    if context.tailnet_interface().as_ref() == Some(interface) {
        return vec![Prefix::TAILNET_V4];
    }
    let addresses = context
        .host
        .interfaces
        .get(interface)
        .into_iter()
        .flat_map(|interface| &interface.addresses);
    addresses
        .map(InterfaceAddress::prefix)
        .filter(Prefix::is_ipv4)
        .collect()
}
