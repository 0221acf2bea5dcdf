//! An option that acts on HTTP requests is set for a service whose bytes are passed on as they are.
//!
//! ## Why
//!
//! A limit of requests, a largest body, a header: all of them act on HTTP. For a TCP service they would have no
//! effect, while the profile reads as if they had.
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
//!     services.db = {
//!       protocol = "tcp";
//!       upstreamPort = 5432;
//!       rateLimit = "20r/s";
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
//!     services.db = {
//!       protocol = "tcp";
//!       upstreamPort = 5432;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `stream`: <https://nginx.org/en/docs/stream/ngx_stream_core_module.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| !service.is_http()) {
        let options = [
            ("rateLimit", service.rate_limit.is_some()),
            ("maxBodySize", service.max_body_size.is_some()),
            ("enableWebSocket", service.websocket),
            ("extraConfig", service.extra_config.is_some()),
        ];
        for (option, _) in options.into_iter().filter(|(_, set)| *set) {
            let message = format!(
                "`{option}` acts on HTTP requests, and {:?} is passed on as bytes: it has no effect",
                service.name.as_str()
            );
            findings.add(
                Finding::new(Code::HttpOptionOnTcp, service.field(option), message)
                    .with(service.field("protocol"), "no HTTP is spoken")
                    .help("leave it out"),
            );
        }
    }
}
