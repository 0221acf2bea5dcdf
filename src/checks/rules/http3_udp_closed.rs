//! HTTP/3 is offered on a port that a zone admits by TCP and not by UDP.
//!
//! ## Why
//!
//! QUIC runs over UDP. Clients that were told of HTTP/3 by `Alt-Svc` try it, hear nothing, and fall back after a
//! time-out: the page is slower than without HTTP/3.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     enableHTTP3 = true;
//!     certificate = "tailscale";
//!     services.ollama = {
//!       expose = "path";
//!     };
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!       allowedTCPPorts = [ 443 ];
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
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     enableHTTP3 = true;
//!     certificate = "tailscale";
//!     services.ollama = {
//!       expose = "path";
//!     };
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!       allowedTCPPorts = [ 443 ];
//!       allowedUDPPorts = [ 443 ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 9114 §3.1
//! - <https://nginx.org/en/docs/quic.html>

use crate::checks::admission::inhabited;
use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use std::collections::BTreeSet;

use crate::model::{Host, Listener, Zone};
use crate::net::{Port, Transport};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(proxy) = host.proxy.as_ref().filter(|proxy| proxy.offers_http3()) else {
        return;
    };
    let http = context.services().filter(|service| service.is_http());
    let ports: BTreeSet<Port> = http
        .filter_map(|service| match proxy.listener_of(service) {
            Listener::Port(port) if proxy.speaks_tls_on(port) => Some(port),
            _ => None,
        })
        .collect();
    for zone in inhabited(host) {
        for port in &ports {
            let half_open =
                host.zone_admits(zone, Transport::Tcp, *port) && !host.zone_admits(zone, Transport::Udp, *port);
            if half_open {
                findings.add(finding(host, zone, *port));
            }
        }
    }
}

fn finding(host: &Host, zone: &Zone, port: Port) -> Finding {
    let message = format!(
        "zone {} admits TCP {port} and not UDP {port}, over which HTTP/3 runs",
        zone.name
    );
    let field = if zone.udp.is_empty() {
        zone.field("allowedTCPPorts")
    } else {
        zone.field("allowedUDPPorts")
    };
    Finding::new(Code::Http3UdpClosed, field, message)
        .with(
            host.field("network.proxy.nginx-tailscale.enableHTTP3"),
            "HTTP/3 is offered",
        )
        .help(format!(
            "write `allowedUDPPorts = [ {port} ]`, or name the service in `allowedServices`"
        ))
}
