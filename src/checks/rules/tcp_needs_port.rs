//! A service that is no HTTP is to be told apart by a path or a domain.
//!
//! ## Why
//!
//! Paths and host names are parts of an HTTP request. A stream of bytes has neither, so nothing but the port (or an
//! address of its own, as a Tailscale Service has) tells one from another.
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
//!       expose = "path";
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
//!       expose = "port";
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
use crate::model::Exposure;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| !service.is_http()) {
        let what = match service.exposure {
            Exposure::Path(_) => "a path",
            Exposure::Domain(_) => "a domain",
            Exposure::Port { .. } | Exposure::TailscaleService => continue,
        };
        let message = format!(
            "{:?} is a stream of bytes, which {what} cannot tell apart from others",
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::TcpNeedsPort, service.field("expose"), message)
                .with(service.field("protocol"), "no HTTP is spoken")
                .help("write `expose = \"port\"`, or \"service\" for a name of its own"),
        );
    }
}
