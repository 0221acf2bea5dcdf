//! An HTTP proxy stands in front of a service that does not speak HTTP.
//!
//! ## Why
//!
//! nginx would send the database an HTTP request and the client an HTTP error: `psql -h db.…` can never work
//! through an HTTP virtual host. Byte streams are passed on by nginx's `stream` module instead, without paths,
//! headers or HTTP authentication.
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
//!     services.warehouse = {
//!       upstreamPort = 5432;
//!       protocol = "http";
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
//!     services.warehouse = {
//!       upstreamPort = 5432;
//!       protocol = "tcp";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `stream`: <https://nginx.org/en/docs/stream/ngx_stream_core_module.html>
//! - PostgreSQL's protocol: <https://www.postgresql.org/docs/current/protocol.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::known_service::{self, KnownService};
use crate::model::{ProxiedService, UpstreamAddress};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Some(known) = what_answers(service) else { continue };
        let message = format!(
            "{:?} is proxied as HTTP, but what answers there is {}, which speaks a protocol of its own",
            service.name.as_str(),
            known.name
        );
        findings.add(
            Finding::new(Code::HttpOnNonHttpPort, service.field("protocol"), message)
                .with(service.field("upstreamPort"), format!("the port of {}", known.name))
                .help("write `protocol = \"tcp\"`"),
        );
    }
}

/// The service of another protocol that the upstream's port is well known for, or that the name means.
fn what_answers(service: &ProxiedService) -> Option<&'static KnownService> {
    let UpstreamAddress::Tcp(_, port) = service.upstream.address else {
        return None;
    };
    known_service::not_http(port).or_else(|| {
        known_service::known(service.name.as_str()).filter(|known| {
            let mut here = known
                .endpoints
                .iter()
                .filter(|endpoint| endpoint.port == port)
                .peekable();
            here.peek().is_some() && here.all(|endpoint| !endpoint.protocol.is_http())
        })
    })
}
