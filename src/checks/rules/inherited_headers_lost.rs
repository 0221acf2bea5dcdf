//! A service adds response headers of its own and so loses those of the proxy.
//!
//! ## Why
//!
//! nginx takes `add_header` lines from the innermost level that has any, and from that one alone. One line in a
//! service's own directives therefore switches off the security headers and the `Alt-Svc` that leads clients to
//! HTTP/3.
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
//!       extraConfig = ''
//!         add_header X-Robots-Tag noindex;
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
//!       extraConfig = ''
//!         proxy_hide_header X-Powered-By;
//!       '';
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `add_header`: <https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header>

use crate::checks::context::Context;
use crate::checks::nginx_text::directives;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let lost = match (proxy.security_headers, proxy.offers_http3()) {
        (true, true) => "the security headers and Alt-Svc",
        (true, false) => "the security headers",
        (false, true) => "Alt-Svc, without which no client finds HTTP/3",
        (false, false) => return,
    };
    for service in context.services().filter(|service| service.is_http()) {
        let Some(text) = &service.extra_config else { continue };
        if !directives(text.as_str())
            .iter()
            .any(|directive| directive.name() == "add_header")
        {
            continue;
        }
        let message = format!(
            "`add_header` in a service's own directives switches off all that it would inherit: {:?} loses {lost}",
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::InheritedHeadersLost, service.field("extraConfig"), message)
                .help("let the application itself send the header, or repeat all of them here"),
        );
    }
}
