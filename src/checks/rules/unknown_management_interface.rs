//! The operator is to come in by an interface that the host does not have.
//!
//! ## Why
//!
//! Whether a way in is open can be told only of an interface that exists. A misspelt one would pass for a second
//! way in, and the real one could be closed without a word.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "enp3s1"; service = "ssh"; } ];
//!   host.interfaces.enp3s0.role = "lan";
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
//!   host.interfaces.enp3s0.role = "lan";
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
//! - `tailwright schema`, option `host.management`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, nearest};
use crate::model::ManagementPath;
use crate::net::InterfaceName;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let known: Vec<_> = host.interfaces.keys().chain(host.tailnet_interface()).collect();
    let unknown = |path: &&ManagementPath| host.lacks_interface(&path.via.clone().into());
    for path in host.management.iter().filter(unknown) {
        let near = nearest(
            known.iter().map(|interface| InterfaceName::as_str(interface)),
            path.via.as_str(),
        );
        // Where the profile names no other one, it is the tailnet's that is meant.
        let tailnet_alone = host.tailnet_interface().filter(|_| host.interfaces.is_empty());
        let tailnet_alone = tailnet_alone.map(InterfaceName::as_str);
        let message = format!(
            "the host has no interface {}, so the operator cannot come in by it",
            path.via
        );
        findings.add(
            Finding::new(Code::UnknownManagementInterface, path.origin.name("via"), message)
                .with(host.field("host.interfaces"), "the host's interfaces")
                .help(match near.or(tailnet_alone) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "add it to `host.interfaces`".to_owned(),
                }),
        );
    }
}
