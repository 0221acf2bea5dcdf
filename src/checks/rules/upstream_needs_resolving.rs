//! The upstream is given by a name that must be resolved before nginx can start.
//!
//! ## Why
//!
//! nginx resolves the names of its upstreams once, when it starts. If the answer is not there yet (a name of the
//! tailnet before tailscaled runs, a container that is not up), it does not start at all, and every other service
//! goes down with this one.
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
//!     services.myservice = {
//!       upstreamHost = "nas.your-tailnet.ts.net";
//!       upstreamPort = 8000;
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
//!     services.myservice = {
//!       upstreamHost = "192.168.15.20";
//!       upstreamPort = 8000;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `upstream`, `server`: <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::UpstreamAddress;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        let UpstreamAddress::Tcp(host, _) = &service.upstream.address else {
            continue;
        };
        let Some(name) = host.name().filter(|_| !host.is_loopback()) else {
            continue;
        };
        let message =
            format!("nginx does not start unless {name} resolves at that moment, and keeps the answer for ever");
        findings.add(
            Finding::new(Code::UpstreamNeedsResolving, service.field("upstreamHost"), message)
                .help("write the address, or a name of `networking.hosts` that needs no DNS"),
        );
    }
}
