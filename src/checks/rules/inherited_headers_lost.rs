//! A service adds response headers of its own, which takes the place of all that it would inherit.
//!
//! ## Why
//!
//! nginx takes `add_header` lines from the innermost level that has any, and from that one alone. Beside a line in
//! a service's own directives the security headers and `Alt-Svc` are therefore rendered once more, so that nothing
//! is lost. Inside a block of your own (`if`, a nested location) they are not, and there they are gone.
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
//!         if ($request_method = OPTIONS) {
//!           add_header Access-Control-Allow-Origin https://example.org;
//!           return 204;
//!         }
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
use crate::checks::nginx_text::{Directive, directives};
use crate::diagnostic::{Code, Finding, Findings, Severity};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let inherited = match (proxy.security_headers, proxy.offers_http3()) {
        (true, true) => "the security headers and Alt-Svc",
        (true, false) => "the security headers",
        (false, true) => "Alt-Svc, without which no client finds HTTP/3",
        (false, false) => return,
    };
    for service in context.services().filter(|service| service.is_http()) {
        let Some(text) = &service.extra_config else { continue };
        let own = directives(text.as_str());
        let adds: Vec<&Directive> = own
            .iter()
            .filter(|directive| directive.name() == "add_header")
            .collect();
        let field = service.field("extraConfig");
        if adds.iter().any(|directive| !directive.is_outermost()) {
            let message = format!(
                "`add_header` inside a block switches off all that the block would inherit: {inherited} are lost there"
            );
            findings.add(
                Finding::new(Code::InheritedHeadersLost, field, message)
                    .help("move the line out of the block, let the application itself send the header, or repeat the others in the block"),
            );
        } else if !adds.is_empty() {
            let message = format!(
                "`add_header` switches off all that the service would inherit; {inherited} are rendered once more beside it"
            );
            findings.add(
                Finding::new(Code::InheritedHeadersLost, field, message)
                    .severity(Severity::Note)
                    .help("nothing needs to change"),
            );
        }
    }
}
