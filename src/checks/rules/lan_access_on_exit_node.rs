//! `exitNodeAllowLANAccess` is set on an exit node.
//!
//! ## Why
//!
//! It is a preference of the client that sends its traffic through an exit node: whether the client still reaches
//! its own local network meanwhile. On the exit node itself it does nothing; whether clients reach the network
//! behind it is decided by the routes that it advertises.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!     exitNodeAllowLANAccess = true;
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailscale set --exit-node-allow-lan-access`: <https://tailscale.com/kb/1103/exit-nodes>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if !tailscale.exit_node_allow_lan_access || tailscale.use_exit_node.is_some() {
        return;
    }
    let field = host.field("network.vpn.tailscale.exitNodeAllowLANAccess");
    let message = "this is a preference of the client of an exit node, and this host uses none: it has no effect here";
    let finding = Finding::new(Code::LanAccessOnExitNode, field, message);
    findings.add(if tailscale.exit_node {
        finding
            .with(host.field("network.vpn.tailscale.exitNode"), "this host is the exit node")
            .help("leave it out; to let clients reach the local network, write `advertiseRoutes = [ \"192.168.15.0/24\" ]`")
    } else {
        finding.help("leave it out, or write `useExitNode`")
    });
}
