//! A host offers itself as an exit node and sends its own traffic through another one.
//!
//! ## Why
//!
//! tailscaled refuses the pair: what clients send through this node would leave by the other one, which may well
//! send it back. A node is one or the other. For the same reason the monitor of an exit node cannot move it to another
//! one: its list of exit nodes has no effect.
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
use crate::diagnostic::{Code, Finding, Findings, Severity};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if !tailscale.exit_node {
        return;
    }
    let exit_node = host.field("network.vpn.tailscale.exitNode");
    if let Some(monitoring) = &host.monitoring
        && monitoring.auto_failover
        && !monitoring.exit_nodes.is_empty()
    {
        let field = host.field("network.monitoring.tailscale.exitNodes");
        let message = "this host offers itself as an exit node, so failover cannot move it to another one";
        let finding = Finding::new(Code::ExitNodeUsesExitNode, field, message).severity(Severity::Warning);
        findings.add(
            finding
                .with(exit_node.clone(), "an exit node")
                .help("leave the list out; failover then reports, and gives up accepted routes"),
        );
    }
    let Some(other) = &tailscale.use_exit_node else { return };
    let message = format!("this host offers itself as an exit node and cannot use {other} at the same time");
    findings.add(
        Finding::new(
            Code::ExitNodeUsesExitNode,
            host.field("network.vpn.tailscale.useExitNode"),
            message,
        )
        .with(exit_node, "an exit node")
        .help("keep one of the two"),
    );
}
