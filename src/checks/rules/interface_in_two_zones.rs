//! The same packets are claimed by two zones.
//!
//! ## Why
//!
//! A packet belongs to one zone. If two have the same interface (with the same source prefix, or both without one),
//! which of them counts would be decided by their names, not by their author.
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
//!     };
//!     zones.dmz = {
//!       interfaces = [ "enp3s0" ];
//!       allowedTCPPorts = [ 443 ];
//!     };
//!     zones.guests.interfaces = [ "enp3s0" ];
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
//!     zones.dmz = {
//!       interfaces = [ "enp3s0" ];
//!       allowedTCPPorts = [ 443 ];
//!     };
//!     zones.guests.interfaces = [ "wlan0" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nftables maps, one verdict per element: <https://wiki.nftables.org/wiki-nftables/index.php/Verdict_Maps_(vmaps)>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use std::collections::BTreeMap;

use crate::model::{Zone, ZoneMember};
use crate::net::{InterfacePattern, Prefix};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<(&InterfacePattern, Option<Prefix>), (&Zone, &ZoneMember)> = BTreeMap::new();
    for zone in context.host.zones.iter().flat_map(|zones| zones.zones.values()) {
        for member in &zone.members {
            let key = (&member.interface, member.prefix);
            let Some((first, first_member)) = seen.get(&key) else {
                seen.insert(key, (zone, member));
                continue;
            };
            if first.name == zone.name {
                continue;
            }
            let what = match member.prefix {
                Some(prefix) => format!("{prefix} behind {}", member.interface),
                None => member.interface.to_string(),
            };
            let message = format!("{what} is in two zones, {} and {}", first.name, zone.name);
            findings.add(
                Finding::new(Code::InterfaceInTwoZones, member.origin.clone(), message)
                    .with(first_member.origin.clone(), format!("in zone {} already", first.name))
                    .help("keep it in one of them; `allowedIPs` can split an interface by source address"),
            );
        }
    }
}
