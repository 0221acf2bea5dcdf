//! Every way by which the operator gets in is closed.
//!
//! ## Why
//!
//! Once this ruleset is loaded nobody can log in to undo it: the host would need a screen and a keyboard, or a new
//! disk. Nothing is rendered until at least one of the ways of `host.management` stays open.
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
//!       allowedServices = [ "postgresql" ];
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
//!       allowedServices = [ "postgresql" "ssh" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `host.management`

use crate::checks::context::Context;
use crate::checks::management;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let ways = management::ways(host);
    let closed: Vec<_> = ways
        .iter()
        .filter_map(|way| Some((way.path, way.closed.as_ref()?)))
        .collect();
    let Some((path, first)) = closed.first().filter(|_| closed.len() == ways.len()) else {
        return;
    };
    let message = format!("the operator would be locked out: {}", first.why);
    let mut finding = Finding::new(Code::ManagementLockedOut, path.origin.clone(), message)
        .here("a way in")
        .with(first.by.clone(), "closed here");
    for (path, closed) in closed.iter().skip(1) {
        finding = finding
            .with(path.origin.clone(), format!("closed as well: {}", closed.why))
            .with(closed.by.clone(), "closed here");
    }
    findings.add(finding.help(first.way_out.clone()));
}
