//! Both Tailscale SSH and sshd are to answer on port 22.
//!
//! ## Why
//!
//! With `enableSSH` tailscaled answers port 22 of the tailnet addresses itself, before the host sees a packet.
//! sshd's keys, its `AllowUsers` and its log play no part there; the policy file decides. By the other interfaces
//! sshd answers as before. Both are sound; one should know which.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   network.vpn.tailscale = {
//!     enable = true;
//!     enableSSH = true;
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
//!   network.vpn.tailscale = {
//!     enable = true;
//!     enableSSH = false;
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
//! ## Source
//!
//! - Tailscale SSH: <https://tailscale.com/kb/1193/tailscale-ssh>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Host, ManagementService, known_service};
use crate::net::{InterfaceName, Port, ServiceName, Transport};

const SSH: Port = Port::constant(22);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = host.tailscale.as_ref().filter(|tailscale| tailscale.ssh) else {
        return;
    };
    let Some(other) = sshd_by(host, &tailscale.interface) else {
        return;
    };
    let message = format!(
        "tailscaled answers port 22 of the tailnet addresses itself: sshd is not reached by {}",
        tailscale.interface
    );
    findings.add(
        Finding::new(
            Code::TwoSshServers,
            host.field("network.vpn.tailscale.enableSSH"),
            message,
        )
        .with(other, "sshd seems to be meant here")
        .help("say in the policy's `ssh` section who may come in, or write `enableSSH = false` to let sshd answer"),
    );
}

/// The line that opens SSH by the tailnet's interface.
fn sshd_by(host: &Host, tailnet: &InterfaceName) -> Option<crate::model::FieldPath> {
    let is_ssh = |name: &ServiceName| known_service::known(name.as_str()).is_some_and(|known| known.name == "ssh");
    let managed = host.management.iter().find(|path| {
        path.via == *tailnet
            && match &path.service {
                ManagementService::Named(name) => is_ssh(name),
                ManagementService::Port(transport, port) => (*transport, *port) == (Transport::Tcp, SSH),
            }
    });
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    let mut here = zones.filter(|zone| zone.members.iter().any(|member| member.interface.matches(tailnet)));
    managed.map(|path| path.origin.clone()).or_else(|| {
        here.find_map(|zone| {
            let service = zone.services.iter().find(|service| is_ssh(&service.name));
            service.map(|service| service.origin.clone())
        })
    })
}
