//! Two services are offered on the same port of the host.
//!
//! ## Why
//!
//! One socket leads to one service. By the node's name alone nginx cannot tell which of them a client means, and
//! the one that it takes depends on the order of the file.
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

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<Port, &ProxiedService> = BTreeMap::new();
    for service in context.services() {
        let Exposure::Port { port, .. } = service.exposure else {
            continue;
        };
        let Some(first) = seen.get(&port) else {
            seen.insert(port, service);
            continue;
        };
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
    }
}
