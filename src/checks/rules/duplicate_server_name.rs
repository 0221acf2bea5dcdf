//! Two services answer to the same name.
//!
//! ## Why
//!
//! nginx takes the first virtual host of a name and ignores the other with no more than a warning in its log. The
//! second service is never reached.
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
//!     acme = {
//!       email = "admin@example.org";
//!       dnsProvider = "cloudflare";
//!     };
//!     services.ollama = {
//!       expose = "domain";
//!       domain = "ai.example.org";
//!     };
//!     services.vllm = {
//!       expose = "domain";
//!       domain = "ai.example.org";
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
//!     acme = {
//!       email = "admin@example.org";
//!       dnsProvider = "cloudflare";
//!     };
//!     services.ollama = {
//!       expose = "domain";
//!       domain = "ai.example.org";
//!     };
//!     services.vllm = {
//!       expose = "domain";
//!       domain = "vllm.example.org";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `server_name`: <https://nginx.org/en/docs/http/server_names.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use std::collections::BTreeMap;

use crate::model::{Exposure, ProxiedService};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let node = proxy.node_name();
    let mut seen: BTreeMap<String, (&ProxiedService, &str)> = BTreeMap::new();
    for service in context.services() {
        let mut names = Vec::new();
        if let Some(label) = &service.subdomain {
            names.push((format!("{label}.{node}"), "subdomain"));
        }
        if let Exposure::Domain(domain) = &service.exposure {
            names.push((domain.to_string(), "domain"));
        }
        for (name, option) in names {
            if name == node {
                let message = format!("{name} is the node's own name");
                findings.add(
                    Finding::new(Code::DuplicateServerName, service.field(option), message)
                        .help("write `expose = \"path\"` with `path = \"/\"`, or another domain"),
                );
            }
            if let Some((first, first_option)) = seen.get(&name) {
                let message = format!(
                    "{:?} and {:?} both answer to {name}",
                    first.name.as_str(),
                    service.name.as_str()
                );
                findings.add(
                    Finding::new(Code::DuplicateServerName, service.field(option), message)
                        .with(
                            first.field(first_option),
                            format!("{:?} has the name", first.name.as_str()),
                        )
                        .help("write another name for one of them"),
                );
            } else {
                seen.insert(name, (service, option));
            }
        }
    }
}
