//! Authentication is asked of a service whose bytes are passed on as they are.
//!
//! ## Why
//!
//! Passwords and identities are headers of HTTP. A TCP service has none, so the proxy has nowhere to ask: the
//! service would be open to whoever reaches the port, although the profile says otherwise. Its own authentication
//! and the firewall zones protect it.
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
//!       upstreamPort = 5432;
//!       protocol = "tcp";
//!       auth = "tailscale";
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
//!       upstreamPort = 5432;
//!       protocol = "tcp";
//!       auth = "none";
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
use crate::model::Auth;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| !service.is_http()) {
        if service.auth == Auth::None {
            continue;
        }
        let field = match service.auth {
            Auth::Tailscale { asked: false } => service.field("enableAuth"),
            _ => service.field("auth"),
        };
        let message = format!(
            "{:?} is passed on as bytes, where nobody can be asked for a password: it would be open to whoever reaches it",
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::AuthNeedsHttp, field, message)
                .with(service.field("protocol"), "no HTTP is spoken")
                .help("write `auth = \"none\"` and let the service itself and a firewall zone decide who may use it"),
        );
    }
}
