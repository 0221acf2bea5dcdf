//! A service's own directives contain one that nginx does not take there.
//!
//! ## Why
//!
//! `extraConfig` stands inside the service's location. Ports, names and certificates belong to the server around
//! it, zones and maps to the level above: nginx answers `directive is not allowed here` and does not start, with
//! all services.
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
//!         listen 8443 ssl;
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
//!       port = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx, index of directives with their contexts: <https://nginx.org/en/docs/dirindex.html>

use crate::checks::context::Context;
use crate::checks::nginx_text::{Directive, directives};
use crate::diagnostic::{Code, Finding, Findings};

/// Directives that people put into a location and that belong elsewhere; the context is that of nginx's documentation.
const ELSEWHERE: [(&str, &str); 27] = [
    ("events", "the main level"),
    ("geo", "http"),
    ("http", "the main level"),
    ("limit_conn_zone", "http"),
    ("limit_req_zone", "http"),
    ("listen", "server"),
    ("log_format", "http"),
    ("map", "http"),
    ("proxy_cache_path", "http"),
    ("server", "http"),
    ("server_name", "server"),
    ("server_names_hash_bucket_size", "http"),
    ("split_clients", "http"),
    ("ssl_certificate", "server"),
    ("ssl_certificate_key", "server"),
    ("ssl_ciphers", "server"),
    ("ssl_client_certificate", "server"),
    ("ssl_protocols", "server"),
    ("ssl_session_cache", "server"),
    ("ssl_stapling", "server"),
    ("ssl_verify_client", "server"),
    ("stream", "the main level"),
    ("upstream", "http"),
    ("use", "events"),
    ("user", "the main level"),
    ("worker_connections", "events"),
    ("worker_processes", "the main level"),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Some(text) = &service.extra_config else { continue };
        let own = directives(text.as_str());
        let misplaced = |directive: &Directive| {
            let found = ELSEWHERE.iter().find(|(name, _)| *name == directive.name());
            found.filter(|_| directive.is_outermost())
        };
        for (name, context) in own.iter().filter_map(misplaced) {
            let message =
                format!("`{name}` belongs to {context}, not into a service's location: nginx would not start");
            findings.add(
                Finding::new(Code::DirectiveOutOfPlace, service.field("extraConfig"), message).help(match *context {
                    "http" => "write it in `services.nginx.commonHttpConfig` of a module of your own",
                    "server" => "the port, the names and the certificate of a service have options: `port`, `domain`, `certificate`",
                    _ => "write it in `network.tuning.nginx`",
                }),
            );
        }
    }
}
