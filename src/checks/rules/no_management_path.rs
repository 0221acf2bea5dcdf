//! The zones are enabled and nobody said how the operator gets in.
//!
//! ## Why
//!
//! A firewall that is changed from afar can lock its author out with one line. With `host.management` tailwright
//! knows the ways in (an interface and a service) and refuses to render a ruleset that closes all of them.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
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
//! - `tailwright explain management-locked-out`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::net::InterfaceName;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.zones.is_none() || !host.management.is_empty() {
        return;
    }
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    let mut interfaces = zones
        .flat_map(|zone| &zone.members)
        .filter_map(|member| member.interface.exact());
    let via = interfaces.next().map_or("tailscale0", InterfaceName::as_str);
    let message = "it is not said how the operator gets in, so nothing keeps the zones from locking him out";
    findings.add(
        Finding::new(
            Code::NoManagementPath,
            host.field("network.security.firewall-zones.enable"),
            message,
        )
        .help(format!(
            "write `host.management = [ {{ via = {via:?}; service = \"ssh\"; }} ]`"
        )),
    );
}
