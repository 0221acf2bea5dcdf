//! A service wants authentication and names no file of passwords.
//!
//! ## Why
//!
//! Basic authentication without a file protects nothing, or nginx refuses to start. The callers come from the
//! tailnet, and tailscaled knows who they are; so it is asked instead (`auth = "tailscale"`): users of the tailnet
//! get in, with their name passed on, and tagged machines and strangers do not.
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
//!       enableAuth = true;
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
//! - nginx `auth_basic_user_file`: <https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html>
//! - tailscale-nginx-auth: <https://tailscale.com/blog/tailscale-auth-nginx>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Auth;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        if service.auth == (Auth::Tailscale { asked: false }) {
            let message = format!(
                "{:?} wants authentication without a file of passwords; tailscaled is asked who the caller is instead",
                service.name.as_str()
            );
            findings.add(Finding::new(Code::AuthWithoutFile, service.field("enableAuth"), message).help(
                "write `auth = \"tailscale\"`, or `authFile = config.sops.secrets.\"NAME\".path` for user names and passwords",
            ));
        }
    }
}
