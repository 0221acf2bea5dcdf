//! The upstream is given by a name that has to be resolved while nginx runs.
//!
//! ## Why
//!
//! A name that nginx resolved at its start would keep it from starting where the answer is not there yet, so it is
//! asked for while nginx runs (systemd-resolved, or MagicDNS). The price: connections to such an upstream are not
//! pooled, and while the name does not resolve the service answers 502.
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
//! - nginx `resolver`: <https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver>

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
        let message = format!(
            "{name} is resolved while nginx runs: its connections are not pooled, and without an answer the service is down"
        );
        findings.add(
            Finding::new(Code::UpstreamNeedsResolving, service.field("upstreamHost"), message)
                .help("write its address where that is fixed"),
        );
    }
}
