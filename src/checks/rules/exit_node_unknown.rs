//! A host is to use an exit node that is none.
//!
//! ## Why
//!
//! The node exists in the fleet and does not offer itself as an exit node. Until it does, `tailscale set
//! --exit-node` refuses it, or all traffic of the host goes nowhere.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.kernelcore.network.vpn.tailscale.enable = true;
//!   hosts.laptop.network.vpn.tailscale = {
//!     enable = true;
//!     useExitNode = "kernelcore";
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!   };
//!   hosts.laptop.network.vpn.tailscale = {
//!     enable = true;
//!     useExitNode = "kernelcore";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Exit nodes: <https://tailscale.com/kb/1103/exit-nodes>

use std::collections::BTreeMap;

use crate::checks::exit_nodes;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{ExitNodeChoice, Fleet, Host, Tailscale};

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let hosts = fleet.hosts.values();
    let nodes: BTreeMap<&str, (&Host, &Tailscale)> = hosts
        .filter_map(|host| {
            let tailscale = host.tailscale.as_ref()?;
            Some((tailscale.hostname.as_str(), (host, tailscale)))
        })
        .collect();
    for host in fleet.hosts.values() {
        for (choice, field) in exit_nodes::named(host) {
            let ExitNodeChoice::Node(name) = choice else { continue };
            let node = name.labels().next().and_then(|label| nodes.get(label));
            let Some((other, _)) = node.filter(|(_, tailscale)| !tailscale.exit_node) else {
                continue;
            };
            if other.name == host.name {
                let message = format!("{name} is this host itself, which cannot be its own exit node");
                findings.add(
                    Finding::new(Code::ExitNodeUnknown, field, message)
                        .help("write another node's name, or `auto:any`"),
                );
                continue;
            }
            let message = format!("{name} does not offer itself as an exit node");
            findings.add(
                Finding::new(Code::ExitNodeUnknown, field, message)
                    .with(other.field("network.vpn.tailscale.exitNode"), "not said here")
                    .help(format!("write `exitNode = true` for {}", other.name)),
            );
        }
    }
}
