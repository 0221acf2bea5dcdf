//! The proxy is to listen on a port where something else of this host listens.
//!
//! ## Why
//!
//! nginx listens on every address of the host, loopback included; on 443 and 80 as soon as a service is offered by
//! path, domain or sub-name. If an upstream of this host (or sshd, or tailscaled) has the port, whichever starts
//! second fails with "address already in use". The proxy's port therefore differs from the upstream's: by default
//! it is the upstream's plus 10000.
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
//!       port = 11434;
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
//!       port = 21434;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - bind(2), `EADDRINUSE`
//! - nginx `listen`: <https://nginx.org/en/docs/http/ngx_http_core_module.html#listen>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, Severity};
use crate::model::{Exposure, FieldPath, Listener, ManagementService, ProxiedService, UpstreamAddress, known_service};
use crate::net::{Port, Transport};

const SSH: Port = Port::constant(22);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(nginx) = context.nginx() else { return };
    for (transport, port) in nginx.listeners() {
        let place = place(context, port);
        match transport {
            Transport::Tcp => {
                for other in context
                    .services()
                    .filter(|other| is_upstream_here(context, other, port))
                {
                    let message = format!("nginx would listen on {port}, where an upstream of this host listens");
                    let way_out = if by_port(context, port) {
                        format!(
                            "write another `port`{}, or let the upstream listen elsewhere",
                            suggestion(port)
                        )
                    } else {
                        "let the upstream listen elsewhere, or offer every web service by `port`".to_owned()
                    };
                    findings.add(
                        Finding::new(Code::ListenPortTaken, place.clone(), message)
                            .with(
                                other.field("upstreamPort"),
                                format!("the upstream of {:?}", other.name.as_str()),
                            )
                            .help(way_out),
                    );
                }
                if port == SSH {
                    findings.add(ssh(context, place));
                }
            }
            Transport::Udp => {
                if context.host.tailscale.as_ref().and_then(|tailscale| tailscale.port) == Some(port) {
                    let message = format!("HTTP/3 would listen on UDP {port}, where tailscaled listens");
                    findings.add(
                        Finding::new(Code::ListenPortTaken, place, message)
                            .with(
                                context.host.field("network.vpn.tailscale.port"),
                                "tailscaled's port for WireGuard",
                            )
                            .help("write another `port`"),
                    );
                }
            }
        }
    }
}

/// Whether a service asks for the port by its number.
fn by_port(context: &Context<'_>, wanted: Port) -> bool {
    context
        .services()
        .any(|service| matches!(service.exposure, Exposure::Port { port, .. } if port == wanted))
}

/// What is answerable for nginx listening on `port`.
fn place(context: &Context<'_>, port: Port) -> FieldPath {
    let group = context.host.field("network.proxy.nginx-tailscale");
    let Some(proxy) = &context.host.proxy else { return group };
    let service = context
        .services()
        .find(|service| proxy.listener_of(service) == Listener::Port(port));
    service.map_or(group, |service| service.field("port"))
}

/// Whether the upstream of `service` is a process of this host that listens on `port` (loopback or an own address).
fn is_upstream_here(context: &Context<'_>, service: &ProxiedService, port: Port) -> bool {
    let UpstreamAddress::Tcp(host, upstream) = &service.upstream.address else {
        return false;
    };
    let own = || {
        let mut addresses = context
            .host
            .interfaces
            .values()
            .flat_map(|interface| &interface.addresses);
        host.address()
            .is_some_and(|address| addresses.any(|own| own.address() == address))
    };
    *upstream == port && (host.is_loopback() || own())
}

fn suggestion(port: Port) -> String {
    port.get()
        .checked_add(10_000)
        .map(|port| format!(", such as {port}"))
        .unwrap_or_default()
}

/// sshd is there for certain only where the operator comes in by it.
fn ssh(context: &Context<'_>, place: FieldPath) -> Finding {
    let way_in = context.host.management.iter().find(|path| match &path.service {
        ManagementService::Named(name) => known_service::known(name.as_str()).is_some_and(|known| known.name == "ssh"),
        ManagementService::Port(_, port) => *port == SSH,
    });
    let message = format!("nginx would listen on {SSH}, which is sshd's port");
    let finding = Finding::new(Code::ListenPortTaken, place, message).help("write another `port`");
    match way_in {
        Some(path) => finding.with(path.origin.clone(), "the operator comes in by it"),
        None => finding.severity(Severity::Warning),
    }
}
