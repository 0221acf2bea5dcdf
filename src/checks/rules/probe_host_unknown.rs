//! The monitor is to measure a node that the fleet does not have.
//!
//! ## Why
//!
//! The name lies in the fleet's tailnet, and no host of the fleet has it. It is probably misspelt: the target then
//! fails for ever, and whoever is told of it looks at a host that is well. A node that is not described here, such as
//! a phone, is a reason to allow this finding.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   tailnet.domain = "your-tailnet.ts.net";
//!   hosts.nas.network.vpn.tailscale.enable = true;
//!   hosts.laptop = {
//!     network.vpn.tailscale = {
//!       enable = true;
//!       acceptRoutes = true;
//!     };
//!     network.monitoring.tailscale = {
//!       enable = true;
//!       probes.targets.files.tcp = "nsa.your-tailnet.ts.net:445";
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   tailnet.domain = "your-tailnet.ts.net";
//!   hosts.nas.network.vpn.tailscale.enable = true;
//!   hosts.laptop = {
//!     network.vpn.tailscale = {
//!       enable = true;
//!       acceptRoutes = true;
//!     };
//!     network.monitoring.tailscale = {
//!       enable = true;
//!       probes.targets.files.tcp = "nas.your-tailnet.ts.net:445";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Names in a tailnet: <https://tailscale.com/kb/1081/magicdns>

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Finding, Findings, nearest};
use crate::model::{Fleet, Probed, Shape};
use crate::net::DnsName;

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let Some(domain) = fleet.tailnet.as_ref().filter(|_| fleet.shape == Shape::Fleet) else {
        return;
    };
    let hosts = fleet.hosts.values().filter_map(|host| host.tailscale.as_ref());
    let nodes: BTreeSet<&str> = hosts.map(|tailscale| tailscale.hostname.as_str()).collect();
    for host in fleet.hosts.values() {
        let Some(monitoring) = &host.monitoring else { continue };
        for (target, probe) in &monitoring.probes.targets {
            let (option, asked) = match &probe.ask {
                Probed::Ping(host) => ("ping", host.name()),
                Probed::Peer { node, .. } => ("peer", node.name()),
                Probed::Tcp(endpoint) => ("tcp", endpoint.host().name()),
                Probed::Http(url) => ("http", url.host().name()),
                Probed::Dns { .. } => continue,
            };
            let Some(label) = asked.and_then(|name| node_of(name, domain.name())) else {
                continue;
            };
            if nodes.contains(label) {
                continue;
            }
            let field = host
                .field("network.monitoring.tailscale.probes.targets")
                .name(target.to_string())
                .name(option);
            let message = format!("no host of the fleet is called {label} in {domain}");
            let finding = Finding::new(Code::ProbeHostUnknown, field, message);
            findings.add(match nearest(nodes.iter().copied(), label) {
                Some(near) => finding.help(format!("did you mean {near}?")),
                None => {
                    finding.help("write the name of one, or allow this finding for a node that is not described here")
                }
            });
        }
    }
}

/// The node that a name of the tailnet means: the label right below its domain.
fn node_of<'a>(name: &'a DnsName, domain: &DnsName) -> Option<&'a str> {
    let below = name.labels().count().checked_sub(domain.labels().count())?;
    let label = name.labels().nth(below.checked_sub(1)?)?;
    name.is_within(domain).then_some(label)
}
