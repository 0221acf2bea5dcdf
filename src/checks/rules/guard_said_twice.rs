//! A service's own directives decide who may come in, and so does its `auth`.
//!
//! ## Why
//!
//! What `auth` renders is never given up for a line in `extraConfig`, or `auth_basic off` there would open what the
//! profile says is closed. nginx takes such a directive only once in a location and does not start with two.
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
//!       upstreamPort = 8000;
//!       auth = "tailscale";
//!       extraConfig = ''
//!         auth_request /who;
//!       '';
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
//!       upstreamPort = 8000;
//!       auth = "tailscale";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `auth_request`: <https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>

use crate::checks::context::Context;
use crate::checks::nginx_text::directives;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Auth;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Some(text) = &service.extra_config else { continue };
        let rendered: &[&str] = match service.auth {
            Auth::None => &[],
            Auth::Tailscale { .. } => &["auth_request"],
            Auth::Basic(_) => &["auth_basic", "auth_basic_user_file"],
        };
        let own = directives(text.as_str());
        let Some(twice) = rendered
            .iter()
            .find(|name| own.iter().any(|own| own.is_outermost() && own.name() == **name))
        else {
            continue;
        };
        let message =
            format!("`{twice}` is rendered from `auth` and never given up: nginx would have it twice and not start");
        findings.add(
            Finding::new(Code::GuardSaidTwice, service.field("extraConfig"), message)
                .with(service.field("auth"), "rendered from this")
                .help("leave the line out, or write `auth = \"none\"` and guard the service by hand"),
        );
    }
}
