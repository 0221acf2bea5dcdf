//! Something depends on Tailscale, and the profile does not enable it.
//!
//! ## Why
//!
//! Certificates by `tailscale cert`, callers known to tailscaled, Tailscale Services, Funnel and the monitor all
//! ask the daemon of this host. Where it is enabled by a module that is not part of the profile, weigh this finding
//! down.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     certificate = "tailscale";
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
//! - <https://tailscale.com/kb/1153/enabling-https>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, Severity};
use crate::model::{Auth, Certificate, Exposure};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.tailscale.is_some() {
        return;
    }
    // What the profile asked for by name is an error, what follows from a default a warning.
    let mut add = |field, what: String, asked: bool| {
        let message = format!("{what}, but Tailscale is not enabled on this host");
        let severity = if asked { Severity::Error } else { Severity::Warning };
        findings.add(
            Finding::new(Code::TailscaleMissing, field, message)
                .severity(severity)
                .help("write `network.vpn.tailscale.enable = true`"),
        );
    };
    if let Some(proxy) = &host.proxy {
        if proxy.certificate == Certificate::Tailscale && proxy.certificate_asked {
            let field = host.field("network.proxy.nginx-tailscale.certificate");
            add(field, "`tailscale cert` is to order the certificate".to_owned(), true);
        } else if proxy.certificate == Certificate::Tailscale {
            let field = host.field("network.proxy.nginx-tailscale.tailnetDomain");
            add(
                field,
                format!(
                    "{} is a name in the tailnet, whose certificate `tailscale cert` orders",
                    proxy.node_name()
                ),
                false,
            );
        }
    }
    for service in context.services() {
        let name = service.name.as_str();
        if let Auth::Tailscale { asked } = service.auth {
            let option = if asked { "auth" } else { "enableAuth" };
            add(
                service.field(option),
                format!("tailscaled is to say who calls {name:?}"),
                asked,
            );
        }
        if service.exposure == Exposure::TailscaleService {
            add(
                service.field("expose"),
                format!("{name:?} is to be a Tailscale Service"),
                true,
            );
        }
        if service.funnel.is_some() {
            add(
                service.field("funnel"),
                format!("{name:?} is to be public through Funnel"),
                true,
            );
        }
    }
    if host.monitoring.is_some() {
        let field = host.field("network.monitoring.tailscale.enable");
        add(field, "the monitor watches the tailnet connection".to_owned(), false);
    }
}
