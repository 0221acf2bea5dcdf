//! An interface is named that the host does not have.
//!
//! ## Why
//!
//! A rule for an interface that does not exist matches nothing, and a limit on it is never applied. Known are
//! `host.interfaces` and the tailnet's; where `host.interfaces` is empty nothing is compared, except that `tailscale0`
//! is none where `interfaceName` gives the tailnet's another name.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   host.interfaces.enp3s0.role = "lan";
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!     zones.dmz = {
//!       interfaces = [ "enp3s1" ];
//!       allowedTCPPorts = [ 443 ];
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
//!   host.interfaces.enp3s0.role = "lan";
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
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Names of interfaces: systemd.net-naming-scheme(7)

use crate::checks::context::Context;
use crate::diagnostic::{Code, FieldPath, Finding, Findings, nearest};
use crate::model::Host;
use crate::net::{InterfaceName, InterfacePattern};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let members = host
        .zones
        .iter()
        .flat_map(|zones| zones.zones.values())
        .flat_map(|zone| &zone.members);
    // An interface that was bound to addresses by itself is always a known one.
    let members = members.map(|member| (member.interface.clone(), member.origin.clone()));
    let offloaded = host.zones.iter().flat_map(|zones| &zones.flowtable);
    let members = members.chain(offloaded.map(|interface| {
        let field = host.field("network.security.firewall-zones.flowtable");
        (InterfacePattern::from(interface.clone()), field)
    }));
    let limits = host.qos.iter().flat_map(|qos| qos.limits.keys());
    let limits = limits.map(|interface| {
        let field = host.field("network.qos.limits").name(interface.to_string());
        (InterfacePattern::from(interface.clone()), field)
    });
    let mut named: Vec<(InterfacePattern, FieldPath)> = members.chain(limits).collect();
    named.dedup();
    for (pattern, field) in named {
        if host.lacks_interface(&pattern) {
            findings.add(finding(host, &pattern, field));
        }
    }
}

fn known(host: &Host) -> impl Iterator<Item = &InterfaceName> {
    host.interfaces.keys().chain(host.tailnet_interface())
}

fn finding(host: &Host, pattern: &InterfacePattern, field: FieldPath) -> Finding {
    if let Some(tailnet) = host.tailnet_interface().filter(|_| host.interfaces.is_empty()) {
        let message = format!("the host has no interface {pattern}: the tailnet's is called {tailnet}");
        return Finding::new(Code::UnknownInterface, field, message)
            .with(host.field("network.vpn.tailscale.interfaceName"), "by this line")
            .help(format!("write {:?}", tailnet.as_str()));
    }
    let message = format!("the host has no interface {pattern}, as far as `host.interfaces` says");
    let near = nearest(known(host).map(InterfaceName::as_str), &pattern.to_string());
    Finding::new(Code::UnknownInterface, field, message)
        .with(host.field("host.interfaces"), "the host's interfaces")
        .help(match near {
            Some(near) => format!("did you mean {near:?}?"),
            None => "add it to `host.interfaces`".to_owned(),
        })
}
