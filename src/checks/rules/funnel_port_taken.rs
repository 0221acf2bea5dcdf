//! Two parties want to listen on the public port of a service.
//!
//! ## Why
//!
//! For Funnel tailscaled itself listens on the port of the node's tailnet addresses. nginx listens on every address
//! of the host; whichever comes second fails with "address already in use". Two services cannot share a public port
//! either.
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
//!       expose = "path";
//!       path = "/";
//!       auth = "none";
//!     };
//!     services.tensorzero = {
//!       auth = "none";
//!       funnel = true;
//!       funnelPort = 443;
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
//!       expose = "path";
//!       path = "/";
//!       auth = "none";
//!     };
//!     services.tensorzero = {
//!       auth = "none";
//!       funnel = true;
//!       funnelPort = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - <https://github.com/tailscale/tailscale/issues/12651>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Listener, ProxiedService};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let mut public: Vec<&ProxiedService> = Vec::new();
    for service in context.services() {
        let Some(port) = service.funnel else { continue };
        if let Some(other) = public.iter().find(|other| other.funnel == Some(port)) {
            let message = format!("two services are to be public on port {port}");
            findings.add(
                Finding::new(Code::FunnelPortTaken, service.field("funnelPort"), message)
                    .with(
                        other.field("funnelPort"),
                        format!("{:?} is as well", other.name.as_str()),
                    )
                    .help("write `funnelPort = 8443` or 10000 for one of them"),
            );
        }
        public.push(service);
        let Some(listening) = context
            .services()
            .find(|other| proxy.listener_of(other) == Listener::Port(port))
        else {
            continue;
        };
        let message = format!("tailscaled would listen on port {port} for Funnel, where nginx listens already");
        findings.add(
            Finding::new(Code::FunnelPortTaken, service.field("funnelPort"), message)
                .with(
                    listening.origin.clone(),
                    format!("{} needs nginx there", listening.name),
                )
                .help("write another `funnelPort` (443, 8443, 10000), or another `port` for the other service"),
        );
    }
}
