//! HTTP/3 is enabled and nothing says where the certificate for it comes from.
//!
//! ## Why
//!
//! QUIC is TLS (RFC 9001): a listener without a certificate speaks no HTTP/3, however the switch stands. Where
//! nothing is said, `tailscale cert` orders one for the node's own name, which needs HTTPS certificates enabled for
//! the tailnet. With `certificate = "none"` the two lines contradict each other, which is an error.
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
//!     enableHTTP3 = true;
//!     certificate = "none";
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
//!     enableHTTP3 = true;
//!     certificate = "tailscale";
//!     services.ollama.expose = "port";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 9001
//! - <https://nginx.org/en/docs/quic.html>
//! - HTTPS in a tailnet: <https://tailscale.com/kb/1153/enabling-https>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, Severity};
use crate::model::Certificate;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = context.host.proxy.as_ref().filter(|proxy| proxy.http3) else {
        return;
    };
    let field = context.host.field("network.proxy.nginx-tailscale.enableHTTP3");
    match proxy.certificate {
        Certificate::None => findings.add(
            Finding::new(
                Code::Http3WithoutCertificate,
                field,
                "HTTP/3 is asked for without a certificate, but QUIC is TLS: nobody could connect",
            )
            .with(
                context.host.field("network.proxy.nginx-tailscale.certificate"),
                "no certificate, says this",
            )
            .severity(Severity::Error)
            .help("write `certificate = \"tailscale\"` (or \"acme\", \"files\"), or `enableHTTP3 = false`"),
        ),
        Certificate::Tailscale if !proxy.certificate_asked => {
            let node = proxy.node_name();
            let message = format!("HTTP/3 needs a certificate and none is named; `tailscale cert {node}` is used");
            findings.add(
                Finding::new(Code::Http3WithoutCertificate, field, message)
                    .severity(Severity::Note)
                    .help("write `certificate = \"tailscale\"`, and enable HTTPS certificates on the DNS page of the admin console"),
            );
        }
        _ => {}
    }
}
