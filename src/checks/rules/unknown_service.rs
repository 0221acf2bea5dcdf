//! A service is named that nobody knows.
//!
//! ## Why
//!
//! Zones and management paths name services; what is opened are ports. A name is first looked for among the
//! services of this host's own proxy, then among the well-known ones. A name that is neither opens nothing, and the
//! author would find out from outside.
//!
//! ## Bad
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
//!       allowedServices = [ "ssh" "postgreslq" ];
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
//!       allowedServices = [ "ssh" "postgresql" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Service names and ports: <https://www.iana.org/assignments/service-names-port-numbers>

use crate::checks::context::Context;
use crate::diagnostic::{Code, FieldPath, Finding, Findings, nearest};
use crate::model::{Host, ManagementService, known_service};
use crate::net::ServiceName;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for zone in host.zones.iter().flat_map(|zones| zones.zones.values()) {
        let limited = zone.service_limits.iter().map(|limit| &limit.service);
        for service in zone.services.iter().chain(limited) {
            if host.resolve_service(&service.name).is_none() {
                findings.add(finding(host, &service.name, service.origin.clone()));
            }
        }
        let egress = zone.egress.iter().filter_map(|egress| egress.ports.as_ref());
        for service in zone.forwarded.iter().chain(egress).flat_map(|reach| &reach.services) {
            if known_service::known(service.name.as_str()).is_none() {
                findings.add(finding(host, &service.name, service.origin.clone()));
            }
        }
    }
    for path in &host.management {
        if let ManagementService::Named(name) = &path.service
            && host.resolve_service(name).is_none()
        {
            findings.add(finding(host, name, path.origin.name("service")));
        }
    }
}

fn finding(host: &Host, name: &ServiceName, field: FieldPath) -> Finding {
    let own = host.proxy.iter().flat_map(|proxy| proxy.services.keys());
    let own: Vec<_> = own.map(ServiceName::as_str).collect();
    let near = nearest(own.iter().copied(), name.as_str()).or_else(|| known_service::nearest(name.as_str()));
    let message = format!("{:?} is neither a service of this host nor a known one", name.as_str());
    Finding::new(Code::UnknownService, field, message).help(match near {
        Some(near) => format!("did you mean {near:?}?"),
        None => "write its port in `allowedTCPPorts` or `allowedUDPPorts`".to_owned(),
    })
}
