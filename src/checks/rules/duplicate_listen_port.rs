//! Two services are offered on the same port of the host.
//!
//! ## Why
//!
//! One socket leads to one service. By the node's name alone nginx cannot tell which of them a client means; and a
//! stream of bytes cannot share its port with anything, 80 and 443 included where web services are offered.
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
//!     services.grafana = {
//!       port = 8443;
//!     };
//!     services.gitea = {
//!       port = 8443;
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
//!     services.grafana = {
//!       port = 8443;
//!     };
//!     services.gitea = {
//!       port = 8444;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx, how a request finds its server: <https://nginx.org/en/docs/http/request_processing.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use std::collections::BTreeMap;

use crate::model::{Exposure, ProxiedService};
use crate::net::Port;
use crate::proxy::ListenAddress;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<Port, &ProxiedService> = BTreeMap::new();
    for service in context.services() {
        let Exposure::Port { port, .. } = service.exposure else {
            continue;
        };
        if let Some(first) = seen.get(&port) {
            let message = format!(
                "{:?} and {:?} are both offered on port {port}",
                first.name.as_str(),
                service.name.as_str()
            );
            findings.add(
                Finding::new(Code::DuplicateListenPort, service.field("port"), message)
                    .with(
                        first.field("port"),
                        format!("{:?} has the port as well", first.name.as_str()),
                    )
                    .help("write another `port` for one of them, or `expose = \"path\"`"),
            );
        } else {
            seen.insert(port, service);
            if !service.is_http() && web_ports(context).contains(&port) && !other_http(context, port) {
                let message = format!(
                    "{:?} is a stream of bytes on port {port}, where the web services of this host answer",
                    service.name.as_str()
                );
                findings.add(
                    Finding::new(Code::DuplicateListenPort, service.field("port"), message)
                        .with(
                            context.host.field("network.proxy.nginx-tailscale.services"),
                            "web services among these",
                        )
                        .help("write another `port`"),
                );
            }
        }
    }
}

/// Whether an HTTP service has the port for itself: then the pair is told.
fn other_http(context: &Context<'_>, wanted: Port) -> bool {
    context
        .services()
        .any(|service| service.is_http() && matches!(service.exposure, Exposure::Port { port, .. } if port == wanted))
}

/// Where nginx listens for HTTP, redirects included.
fn web_ports(context: &Context<'_>) -> Vec<Port> {
    let hosts = context.nginx().into_iter().flat_map(|nginx| &nginx.http.hosts);
    let listens = hosts.flat_map(|host| &host.listen);
    listens
        .filter(|listen| listen.address != ListenAddress::Loopback)
        .map(|listen| listen.port)
        .collect()
}
