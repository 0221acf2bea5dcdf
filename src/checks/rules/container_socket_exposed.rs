//! The socket of a container engine is offered as a service.
//!
//! ## Why
//!
//! Whoever can speak to Docker's or Podman's API can start a container that mounts the host's root file system: it
//! hands out root, and the API asks for no password. Who really wants that says so by name, `acknowledge = [
//! "docker-socket" ]`, and should ask callers who they are; nginx is then put into the group that owns the socket.
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
//!     services.docker = {
//!       upstreamSocket = "/var/run/docker.sock";
//!       protocol = "http";
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
//!     services.docker = {
//!       upstreamSocket = "/var/run/docker.sock";
//!       protocol = "http";
//!       port = 8443;
//!       auth = "tailscale";
//!       acknowledge = [ "docker-socket" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Docker, "Protect the daemon socket": <https://docs.docker.com/engine/security/protect-access/>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{ProxiedService, UpstreamAddress};
use crate::net::Port;

/// What the author writes to have it all the same.
pub(in crate::checks) const ACKNOWLEDGED: &str = "docker-socket";

/// Docker's API over TCP, in clear and over TLS.
const API_PORTS: [Port; 2] = [Port::constant(2375), Port::constant(2376)];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        if service.acknowledged.iter().any(|word| word == ACKNOWLEDGED) {
            continue;
        }
        let Some(option) = engine(service) else { continue };
        let message = format!(
            "{:?} hands out the API of a container engine, which is root on this host for everybody who reaches it",
            service.name.as_str()
        );
        findings.add(
            Finding::new(Code::ContainerSocketExposed, service.field(option), message)
                .here("the engine's API")
                .help(format!("leave the service out; if it must be, write `acknowledge = [ {ACKNOWLEDGED:?} ]` and `auth = \"tailscale\"`")),
        );
    }
}

/// The option that leads to a container engine.
fn engine(service: &ProxiedService) -> Option<&'static str> {
    match &service.upstream.address {
        UpstreamAddress::Unix(socket) => socket.is_container_engine().then_some("upstreamSocket"),
        UpstreamAddress::Tcp(_, port) => API_PORTS.contains(port).then_some("upstreamPort"),
    }
}
