//! A certificate is to be proven for a name in a domain that belongs to Tailscale.
//!
//! ## Why
//!
//! Names below `ts.net` are made by Tailscale, and nobody else can put a record into that domain, which is what the
//! DNS-01 challenge asks for. `tailscale cert` is the only way to a certificate for the node's name, and `expose =
//! "domain"` wants a domain of your own.
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
//!     certificate = "acme";
//!     acme = {
//!       email = "admin@example.org";
//!       dnsProvider = "cloudflare";
//!     };
//!     services.ollama.expose = "port";
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
//!     certificate = "tailscale";
//!     services.ollama.expose = "port";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 8555 §8.4
//! - <https://tailscale.com/kb/1153/enabling-https>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Certificate, Exposure};

/// The domain that Tailscale gives out names below.
const TAILSCALE: &str = ".ts.net";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let node = proxy.node_name();
    if proxy.certificate == Certificate::Acme && node.ends_with(TAILSCALE) {
        let field = context.host.field("network.proxy.nginx-tailscale.certificate");
        let message = format!("nobody but Tailscale can prove {node} by DNS: ACME cannot order its certificate");
        findings.add(Finding::new(Code::DomainNotOwn, field, message).help("write `certificate = \"tailscale\"`"));
    }
    for service in context.services() {
        let Exposure::Domain(domain) = &service.exposure else {
            continue;
        };
        if domain.as_str().ends_with(TAILSCALE) {
            let message = format!("{domain} lies in a domain of Tailscale's, where you cannot make names");
            findings.add(
                Finding::new(Code::DomainNotOwn, service.field("domain"), message)
                    .help("write a domain of your own, or `expose = \"service\"` for a name in the tailnet"),
            );
        }
    }
}
