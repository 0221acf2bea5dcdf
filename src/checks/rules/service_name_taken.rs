//! A Tailscale Service has the name of a node.
//!
//! ## Why
//!
//! The service `svc:ollama` answers as `ollama.your-tailnet.ts.net`, and so does a node called `ollama`. MagicDNS
//! has one answer.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.ollama.network.vpn.tailscale.enable = true;
//!   hosts.kernelcore.network = {
//!     vpn.tailscale = {
//!       enable = true;
//!       tags = [ "tag:server" ];
//!     };
//!     proxy.nginx-tailscale = {
//!       enable = true;
//!       tailnetDomain = "your-tailnet.ts.net";
//!       services.ollama.expose = "service";
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk.network.vpn.tailscale.enable = true;
//!   hosts.kernelcore.network = {
//!     vpn.tailscale = {
//!       enable = true;
//!       tags = [ "tag:server" ];
//!     };
//!     proxy.nginx-tailscale = {
//!       enable = true;
//!       tailnetDomain = "your-tailnet.ts.net";
//!       services.ollama.expose = "service";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailscale Services: <https://tailscale.com/kb/1552/tailscale-services>

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Exposure, Fleet};

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let hosts = fleet.hosts.values();
    let nodes = hosts.filter_map(|host| {
        host.tailscale
            .as_ref()
            .map(|tailscale| (tailscale.hostname.as_str(), host))
    });
    let nodes: BTreeMap<_, _> = nodes.collect();
    for proxy in fleet.hosts.values().filter_map(|host| host.proxy.as_ref()) {
        let services = proxy.services.values();
        for service in services.filter(|service| service.exposure == Exposure::TailscaleService) {
            let label = service.label();
            let Some(node) = nodes.get(label.as_str()) else {
                continue;
            };
            let message = format!(
                "{label}.{} is the name of a node, so the service svc:{label} cannot have it",
                proxy.tailnet_domain
            );
            findings.add(
                Finding::new(Code::ServiceNameTaken, service.field("expose"), message)
                    .with(node.field("network.vpn.tailscale.hostname"), "the node of that name")
                    .help("give the service or the node another name"),
            );
        }
    }
}
