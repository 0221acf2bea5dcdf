//! Directives of a service's own close every connection to the upstream, although connection pooling is on.
//!
//! ## Why
//!
//! A connection is kept only if three things hold: the `upstream` has `keepalive`, the request is HTTP/1.1, and its
//! `Connection` header is empty. All three are rendered. A `proxy_set_header Connection close` or
//! `proxy_http_version 1.0` in `extraConfig` undoes them for the service: each request opens a new connection, a
//! visible delay for upstreams over TLS.
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
//!     enableConnectionPooling = true;
//!     services.myservice = {
//!       upstreamPort = 8000;
//!       extraConfig = ''
//!         proxy_set_header Connection close;
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
//!     enableConnectionPooling = true;
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
//! - nginx `keepalive`: <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive>

use crate::checks::context::Context;
use crate::checks::nginx_text::{Directive, directives};
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if !context
        .host
        .proxy
        .as_ref()
        .is_some_and(|proxy| proxy.connection_pooling)
    {
        return;
    }
    for service in context.services() {
        let Some(text) = &service.extra_config else { continue };
        let Some(directive) = directives(text.as_str()).into_iter().find(closes) else {
            continue;
        };
        let message = format!(
            "`{} {}` makes nginx close the connection to {:?} after every request: nothing is pooled",
            directive.name(),
            directive.argument(1),
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::PoolingDefeated, service.field("extraConfig"), message)
                .with(
                    context
                        .host
                        .field("network.proxy.nginx-tailscale.enableConnectionPooling"),
                    "connections are to be kept",
                )
                .help("leave the line out; HTTP/1.1 and the empty `Connection` header are rendered"),
        );
    }
}

/// Whether the directive ends persistent connections. An `Upgrade` by hand is another matter.
fn closes(directive: &Directive) -> bool {
    let header = directive.sets("proxy_set_header", "Connection")
        && !directive.argument(2).is_empty()
        && !directive.argument(2).to_ascii_lowercase().contains("upgrade");
    header || directive.name() == "proxy_http_version" && directive.argument(1) == "1.0"
}
