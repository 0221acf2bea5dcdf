//! A host offers itself as an exit node and sends its own traffic through another one.
//!
//! ## Why
//!
//! tailscaled refuses the pair: what clients send through this node would leave by the other one, which may well
//! send it back. A node is one or the other.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!     useExitNode = "other-server";
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
    let Some(tailscale) = &host.tailscale else { return };
    let Some(other) = tailscale.use_exit_node.as_ref().filter(|_| tailscale.exit_node) else {
        return;
    };
    let message = format!("this host offers itself as an exit node and cannot use {other} at the same time");
    findings.add(
        Finding::new(
            Code::ExitNodeUsesExitNode,
            host.field("network.vpn.tailscale.useExitNode"),
            message,
        )
        .with(host.field("network.vpn.tailscale.exitNode"), "an exit node")
        .help("keep one of the two"),
    );
}
