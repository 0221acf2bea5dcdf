//! A directive written by hand takes the place of what an option says.
//!
//! ## Why
//!
//! nginx takes most directives once in a location. What stands in `extraConfig` is left as it is, and the option
//! has no effect; the profile then reads otherwise than the host behaves.
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
//!       maxBodySize = "100M";
//!       extraConfig = ''
//!         client_max_body_size 10m;
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
//!       maxBodySize = "10M";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx, index of directives: <https://nginx.org/en/docs/dirindex.html>

use crate::checks::context::Context;
use crate::checks::nginx_text::directives;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::ProxiedService;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Some(text) = &service.extra_config else { continue };
        let own = directives(text.as_str());
        for (directive, option) in rendered(service) {
            if own.iter().any(|own| own.is_outermost() && own.name() == directive) {
                let message = format!("`{directive}` by hand takes the place of what `{option}` says");
                findings.add(
                    Finding::new(Code::DirectiveWins, service.field("extraConfig"), message)
                        .with(service.field(option), "without effect")
                        .help(format!("leave `{directive}` out, or the option")),
                );
            }
        }
    }
}

/// The directives that options of the service say, as far as it has them.
fn rendered(service: &ProxiedService) -> Vec<(&'static str, &'static str)> {
    let mut rendered = vec![("proxy_pass", "upstreamPort")];
    if service.max_body_size.is_some() {
        rendered.push(("client_max_body_size", "maxBodySize"));
    }
    if service.streaming {
        rendered.push(("proxy_buffering", "streaming"));
        rendered.push(("proxy_read_timeout", "timeout"));
    }
    rendered
}
