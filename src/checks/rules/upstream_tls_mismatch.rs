//! TLS is spoken with an upstream that listens in the clear, or the other way round.
//!
//! ## Why
//!
//! The proxy's handshake meets plain HTTP, or its plain request a TLS listener: every request ends in 502 (or 400).
//! Ollama, for instance, listens on 11434 without TLS. TLS towards the clients is the proxy's own affair and has
//! nothing to do with it.
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
//!       upstreamPort = 11434;
//!       protocol = "https";
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
//!     services.ollama = {
//!       upstreamPort = 11434;
//!       protocol = "http";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Ollama: <https://docs.ollama.com/faq>
//! - nginx `proxy_pass`: <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::known_service::{self, ApplicationProtocol, KnownService};
use crate::model::{Protocol, ProxiedService, UpstreamAddress};
use crate::net::{Port, Transport};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        let (asked, contrary, way_out) = match service.upstream.protocol {
            Protocol::Https => (ApplicationProtocol::Https, ApplicationProtocol::Http, "http"),
            Protocol::Http => (ApplicationProtocol::Http, ApplicationProtocol::Https, "https"),
            Protocol::Tcp => continue,
        };
        let UpstreamAddress::Tcp(_, port) = service.upstream.address else {
            continue;
        };
        let Some(known) = what_answers(service, port) else {
            continue;
        };
        let speaks = |protocol| known.iter().any(|known| speaks(known, port, protocol));
        if speaks(asked) || !speaks(contrary) {
            continue;
        }
        let names: Vec<_> = known.iter().map(|known| known.name).collect();
        let how = if contrary == ApplicationProtocol::Http {
            "plain HTTP"
        } else {
            "HTTP over TLS"
        };
        let message = format!(
            "the upstream of {:?} is addressed by {}, but {} speaks {how} on port {port}: every request would fail",
            service.name.as_str(),
            service.upstream.protocol.as_str(),
            names.join(" or ")
        );
        findings.add(
            Finding::new(Code::UpstreamTlsMismatch, service.field("protocol"), message)
                .with(service.field("upstreamPort"), "the port in question")
                .help(format!("write `protocol = {way_out:?}`")),
        );
    }
}

/// The service of that name, or all that are known for the port.
fn what_answers(service: &ProxiedService, port: Port) -> Option<Vec<&'static KnownService>> {
    let named = known_service::known(service.name.as_str())
        .filter(|known| known.endpoints.iter().any(|endpoint| endpoint.port == port));
    let candidates: Vec<_> = match named {
        Some(known) => vec![known],
        None => known_service::by_port(Transport::Tcp, port).collect(),
    };
    (!candidates.is_empty()).then_some(candidates)
}

fn speaks(known: &KnownService, port: Port, protocol: ApplicationProtocol) -> bool {
    let mut here = known.endpoints.iter().filter(|endpoint| endpoint.port == port);
    here.any(|endpoint| endpoint.protocol == protocol)
}
