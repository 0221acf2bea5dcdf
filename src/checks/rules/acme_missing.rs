//! A certificate is to be ordered by ACME, and it is not said how.
//!
//! ## Why
//!
//! The DNS-01 challenge proves that a domain is yours by a record in it: that needs an account, the DNS provider
//! and its credentials. Names that only the tailnet resolves cannot be proven by HTTP.
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
//!     services.ollama = {
//!       expose = "domain";
//!       domain = "ai.example.org";
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
//!     acme = {
//!       email = "admin@example.org";
//!       dnsProvider = "cloudflare";
//!     };
//!     services.ollama = {
//!       expose = "domain";
//!       domain = "ai.example.org";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 8555 §8.4
//! - NixOS `security.acme`: <https://nixos.org/manual/nixos/stable/#module-security-acme>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Certificate, Exposure};

const HELP: &str = "write `acme = { email = \"admin@example.org\"; dnsProvider = \"cloudflare\"; credentials.CF_DNS_API_TOKEN_FILE = \"NAME\"; }`";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = context.host.proxy.as_ref().filter(|proxy| proxy.acme.is_none()) else {
        return;
    };
    if proxy.certificate == Certificate::Acme {
        let field = context.host.field("network.proxy.nginx-tailscale.certificate");
        let message = "the certificate is to come from ACME, but neither account nor DNS provider are said";
        findings.add(Finding::new(Code::AcmeMissing, field, message).help(HELP));
    }
    for service in context.services() {
        if let Exposure::Domain(domain) = &service.exposure {
            let message = format!(
                "{domain} needs a certificate of its own, but no account and DNS provider are said to order it"
            );
            findings.add(Finding::new(Code::AcmeMissing, service.field("domain"), message).help(HELP));
        }
    }
}
