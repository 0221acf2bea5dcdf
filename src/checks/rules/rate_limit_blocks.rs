//! A rate limit is so low that ordinary use runs into it.
//!
//! ## Why
//!
//! A browser asks for a page and, at once, for everything in it: dozens of requests in a second. What exceeds rate
//! and burst is answered with 429. The rate is what one client may do for hours; the burst is what one click costs.
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
//!     services.grafana = {
//!       rateLimit = "1r/s";
//!       rateLimitBurst = 0;
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
//!     services.grafana = {
//!       rateLimit = "20r/s";
//!       rateLimitBurst = 40;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `limit_req`: <https://nginx.org/en/docs/http/ngx_http_limit_req_module.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

/// Requests that one page costs a browser, to say the least.
const CLICK: u32 = 5;
/// From this rate on the next request is let through after 10 ms, whatever the burst.
const FAST_PER_MINUTE: u32 = 6_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Some(rate) = service.rate_limit else { continue };
        let burst = service.rate_limit_burst;
        if burst >= CLICK || rate.per_minute() >= FAST_PER_MINUTE {
            continue;
        }
        let message = format!(
            "{:?} serves a client {rate} and {burst} more at once, fewer than a browser sends for one page",
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::RateLimitBlocks, service.field("rateLimitBurst"), message)
                .with(service.field("rateLimit"), "the rate")
                .help("write `rateLimitBurst = 20`, or leave it out (twice the rate)"),
        );
    }
}
