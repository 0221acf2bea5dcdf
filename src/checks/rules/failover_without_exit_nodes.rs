//! Failover is enabled and there is no other exit node to go to.
//!
//! ## Why
//!
//! The gentlest thing to do about a bad exit node is to take another one. Without a list the monitor can only stop
//! using exit nodes and accepted routes, or report; taking the tunnel down, as the guide has it, would cut off an
//! operator who comes in by it.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     useExitNode = "desk";
//!   };
//!   network.monitoring.tailscale = {
//!     enable = true;
//!     enableAutoFailover = true;
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
//!     useExitNode = "desk";
//!   };
//!   network.monitoring.tailscale = {
//!     enable = true;
//!     enableAutoFailover = true;
//!     exitNodes = [ "desk" "droplet" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Exit nodes, `auto:any`: <https://tailscale.com/kb/1392/auto-exit-nodes>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(monitoring), Some(tailscale)) = (&host.monitoring, &host.tailscale) else {
        return;
    };
    if !monitoring.auto_failover || !monitoring.exit_nodes.is_empty() {
        return;
    }
    let field = host.field("network.monitoring.tailscale.enableAutoFailover");
    if tailscale.exit_node {
        let message =
            "an exit node cannot move to another one, so what failover can do is give up accepted routes and report";
        findings.add(
            Finding::new(Code::FailoverWithoutExitNodes, field, message)
                .with(host.field("network.vpn.tailscale.exitNode"), "an exit node")
                .help("nothing needs to change; the hosts that use this one can fail over to another"),
        );
        return;
    }
    let finding = if let Some(node) = &tailscale.use_exit_node {
        let message = format!("there is no other exit node to go to when {node} gets bad");
        Finding::new(Code::FailoverWithoutExitNodes, field, message)
            .with(host.field("network.vpn.tailscale.useExitNode"), "the only one")
    } else {
        let message = "no exit nodes are listed to move to, so what failover can do is leave routes and report";
        Finding::new(Code::FailoverWithoutExitNodes, field, message)
    };
    findings.add(
        finding
            .help("write `exitNodes = [ \"auto:any\" ]`, or the names of your exit nodes in the order of preference"),
    );
}
