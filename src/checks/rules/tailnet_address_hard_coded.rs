//! Another node is named by its tailnet address: an exit node, or the upstream of a service.
//!
//! ## Why
//!
//! A node that is registered anew gets another address, and everything that names the old one points at nobody, or
//! at somebody else. Names follow the node.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     useExitNode = "100.64.0.7";
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
//!     useExitNode = "other-server";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailscale addresses: <https://tailscale.com/kb/1033/ip-and-dns-addresses>

use std::net::IpAddr;

use crate::checks::context::Context;
use crate::checks::exit_nodes;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{ExitNodeChoice, FieldPath, UpstreamAddress};
use crate::net::Prefix;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for (choice, field) in exit_nodes::named(host) {
        if let ExitNodeChoice::Address(address) = choice {
            findings.add(finding(*address, field).help("write the node's name, such as \"other-server\""));
        }
    }
    for service in context.services() {
        let UpstreamAddress::Tcp(upstream, _) = &service.upstream.address else {
            continue;
        };
        let tailnet = [Prefix::TAILNET_V4, Prefix::TAILNET_V6];
        let Some(address) = upstream
            .address()
            .filter(|address| tailnet.iter().any(|prefix| prefix.contains(*address)))
        else {
            continue;
        };
        let finding = finding(address, service.field("upstreamHost"));
        findings.add(finding.help("write the node's full name, which nginx then resolves while it runs"));
    }
}

fn finding(address: IpAddr, field: FieldPath) -> Finding {
    let message = format!("{address} is another node's as soon as that one is registered anew");
    Finding::new(Code::TailnetAddressHardCoded, field, message)
}
