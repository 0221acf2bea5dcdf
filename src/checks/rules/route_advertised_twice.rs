//! Two hosts of the fleet advertise the same route, or one a part of what the other does.
//!
//! ## Why
//!
//! It is how a subnet is made highly available: the control server picks one of them and takes the other within
//! about 15 seconds. Where that is not meant, half of the clients' connections depend on which one was registered
//! first. Of two routes of which one lies within the other, clients take the narrower.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.desk.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//!   hosts.kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk.network.vpn.tailscale.enable = true;
//!   hosts.kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Overlapping routes, high availability: <https://tailscale.com/kb/1115/high-availability>

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Fleet, Host, Tailscale};
use crate::net::Prefix;

const FIELD: &str = "network.vpn.tailscale.advertiseRoutes";

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let mut seen: BTreeMap<Prefix, (&Host, usize)> = BTreeMap::new();
    for host in fleet.hosts.values() {
        let routes = host.tailscale.iter().flat_map(Tailscale::routes);
        for (index, route) in routes.enumerate() {
            let Some((first, first_index)) = seen.get(route).copied() else {
                seen.insert(*route, (host, index));
                continue;
            };
            if first.name == host.name {
                continue;
            }
            let message = format!(
                "{} and {} both advertise {route}: one is used, the other stands by",
                first.name, host.name
            );
            findings.add(
                Finding::new(Code::RouteAdvertisedTwice, host.field(FIELD).index(index), message)
                    .with(first.field(FIELD).index(first_index), format!("{} does", first.name))
                    .help("nothing needs to change where the second one is meant as a reserve"),
            );
        }
    }
    within_others(&seen, findings);
}

/// Routes within a wider one of another host. In their order a wider prefix comes before those within it.
fn within_others(routes: &BTreeMap<Prefix, (&Host, usize)>, findings: &mut Findings) {
    let mut around: Vec<(&Prefix, &Host, usize)> = Vec::new();
    for (route, (host, index)) in routes {
        while around.last().is_some_and(|(wider, ..)| !wider.covers(route)) {
            around.pop();
        }
        if let Some((wider, other, other_index)) = around.last()
            && !wider.is_default()
            && other.name != host.name
        {
            let message = format!(
                "{route} of {} lies within {wider} of {}: clients take the narrower route",
                host.name, other.name
            );
            findings.add(
                Finding::new(Code::RouteAdvertisedTwice, host.field(FIELD).index(*index), message)
                    .with(
                        other.field(FIELD).index(*other_index),
                        format!("the wider one, of {}", other.name),
                    )
                    .help("nothing needs to change where the narrower network is behind the former"),
            );
        }
        around.push((route, host, *index));
    }
}
