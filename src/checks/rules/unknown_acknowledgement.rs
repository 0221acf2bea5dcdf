//! `acknowledge` names a danger that no rule knows.
//!
//! ## Why
//!
//! An acknowledgement that is misspelt acknowledges nothing, and one that means nothing looks as if somebody had
//! thought about it.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.docker = {
//!       upstreamSocket = "/run/app/api.sock";
//!       protocol = "http";
//!       port = 8443;
//!       acknowledge = [ "docker-soket" ];
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
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.docker = {
//!       upstreamSocket = "/run/app/api.sock";
//!       protocol = "http";
//!       port = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright explain container-socket-exposed`

use super::container_socket_exposed;
use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, nearest};

/// Every danger that may be acknowledged.
const KNOWN: [&str; 1] = [container_socket_exposed::ACKNOWLEDGED];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        for (index, word) in service.acknowledged.iter().enumerate() {
            if KNOWN.contains(&word.as_str()) {
                continue;
            }
            let message = format!("no rule knows the danger {word:?}");
            let help = match nearest(KNOWN, word) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("known: {}", KNOWN.join(", ")),
            };
            findings.add(
                Finding::new(
                    Code::UnknownAcknowledgement,
                    service.field("acknowledge").index(index),
                    message,
                )
                .help(help),
            );
        }
    }
}
