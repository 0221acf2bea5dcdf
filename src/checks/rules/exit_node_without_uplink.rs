//! The host is an exit node and it is not said which interface leads to the internet.
//!
//! ## Why
//!
//! The zones pass on what clients send to the internet. Knowing the uplink they pass it on there and nowhere else;
//! without it they cannot tell the way to the internet from the way into some other network of the host.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
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
//!   host.interfaces.enp3s0.role = "wan";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
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
//! - Exit nodes: <https://tailscale.com/kb/1103/exit-nodes>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let exit_node = host.tailscale.as_ref().is_some_and(|tailscale| tailscale.exit_node);
    if host.zones.is_none() || !exit_node || !host.uplinks().is_empty() {
        return;
    }
    let message =
        "it is not said which interface leads to the internet, so clients of the exit node are passed on by any";
    findings.add(
        Finding::new(
            Code::ExitNodeWithoutUplink,
            host.field("network.vpn.tailscale.exitNode"),
            message,
        )
        .help("write `host.interfaces.enp3s0.role = \"wan\"`, with the name of your uplink"),
    );
}
