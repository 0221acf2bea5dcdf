//! A service that speaks UDP is put behind the proxy, which forwards TCP.
//!
//! ## Why
//!
//! The proxy accepts TCP connections and opens TCP connections. Clients of a UDP service send datagrams, which
//! nobody receives. Let them reach the service itself: open its port in a zone.
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
//!     services.ntp = {
//!       enable = true;
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
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale.enable = true;
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" "ntp" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Service names and ports: <https://www.iana.org/assignments/service-names-port-numbers>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{UpstreamAddress, known_service};
use crate::net::Transport;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        let UpstreamAddress::Tcp(_, port) = service.upstream.address else {
            continue;
        };
        let Some(known) = known_service::known(service.name.as_str()) else {
            continue;
        };
        let mut here = known
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.port == port)
            .peekable();
        if here.peek().is_some() && here.all(|endpoint| endpoint.transport() == Transport::Udp) {
            let message = format!(
                "{} speaks UDP on port {port}, and the proxy forwards TCP alone",
                known.name
            );
            findings.add(
                Finding::new(Code::UdpUpstream, service.origin.clone(), message).help(format!(
                    "leave the service out and write `allowedServices = [ {:?} ]` in a zone",
                    known.name
                )),
            );
        }
    }
}
