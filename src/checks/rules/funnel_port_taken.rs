//! Two parties want to listen on the public port of a service.
//!
//! ## Why
//!
//! For Funnel tailscaled itself listens on the port of the node's tailnet addresses. nginx listens on every address
//! of the host (on 443 as soon as a service is offered by path, domain or sub-name); whichever comes second fails
//! with "address already in use". Two services cannot share a public port either.
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
use crate::model::{FieldPath, Listener, ProxiedService};
use crate::net::{Port, Transport};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(nginx) = context.nginx() else { return };
    let listeners = nginx.listeners();
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
        if listeners.contains(&(Transport::Tcp, port)) {
            let message = format!("tailscaled would listen on port {port} for Funnel, where nginx listens already");
            let (field, text) = listening(context, port);
            findings.add(
                Finding::new(Code::FunnelPortTaken, service.field("funnelPort"), message)
                    .with(field, text)
                    .help("write another `funnelPort` (443, 8443, 10000), or another `port` for the other service"),
            );
        }
    }
}

/// Why nginx listens on `port`.
fn listening(context: &Context<'_>, port: Port) -> (FieldPath, String) {
    let proxy = context.host.proxy.as_ref();
    let listens =
        |service: &&ProxiedService| proxy.is_some_and(|proxy| proxy.listener_of(service) == Listener::Port(port));
    if let Some(service) = context.services().find(listens) {
        return (service.origin.clone(), format!("{} needs nginx there", service.name));
    }
    match context.services().find(|service| service.subdomain.is_some()) {
        Some(service) => (service.field("subdomain"), "the sub-name is served there".to_owned()),
        None => (
            context.host.field("network.proxy.nginx-tailscale"),
            "nginx listens there".to_owned(),
        ),
    }
}
