//! A service is offered on a port that no zone admits.
//!
//! ## Why
//!
//! nginx listens, and the firewall drops every client. A name in `allowedServices` means the proxy's port where the
//! service of that name is the proxy's own, and else the port that the name is known for, which may be the
//! upstream's and not the proxy's.
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
//!     services.ollama.expose = "port";
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
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
//!     services.ollama.expose = "port";
//!   };
//!   network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" "ollama" ];
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `reports/exposure.txt` of the rendered tree says who reaches what.

use crate::checks::admission::inhabited;
use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{DefaultPolicy, FirewallZones, Host, Listener, ProxiedService, known_service};
use crate::net::{Port, Transport};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(proxy), Some(zones)) = (&host.proxy, &host.zones) else {
        return;
    };
    if zones.default_policy == DefaultPolicy::Accept {
        return;
    }
    for service in context.services() {
        let Listener::Port(port) = proxy.listener_of(service) else {
            continue;
        };
        if !inhabited(host).any(|zone| host.zone_admits(zone, Transport::Tcp, port)) {
            findings.add(finding(host, zones, service, port));
        }
    }
}

fn finding(host: &Host, zones: &FirewallZones, service: &ProxiedService, port: Port) -> Finding {
    let name = service.name.as_str();
    let message = format!("nobody reaches {name:?}: the proxy listens on {port}, and no zone admits that port");
    let finding = Finding::new(Code::ServiceUnreachable, service.origin.clone(), message);
    let meant = |other: &str| other != name && known_service::known(other) == known_service::known(name);
    let named = zones.zones.values().flat_map(|zone| &zone.services);
    let alias = known_service::known(name).and_then(|_| named.clone().find(|allowed| meant(allowed.name.as_str())));
    if let Some(alias) = alias {
        let text = format!(
            "{:?} means the port of the service itself, not the proxy's",
            alias.name.as_str()
        );
        return finding
            .with(alias.origin.clone(), text)
            .help(format!("write {name:?} there, or as well"));
    }
    let finding = finding.with(host.field("network.security.firewall-zones.zones"), "the zones");
    finding.help(format!(
        "add {name:?} to `allowedServices` of the zone that its clients are in"
    ))
}
