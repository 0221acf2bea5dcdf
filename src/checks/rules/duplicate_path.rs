//! Two services are mounted at the same path.
//!
//! ## Why
//!
//! nginx refuses a location that is written twice: `duplicate location`. The whole configuration is then void, not
//! only the second service.
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
//!       expose = "path";
//!       path = "/ai/";
//!     };
//!     services.vllm = {
//!       expose = "path";
//!       path = "/ai/";
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
//!       expose = "path";
//!       path = "/ollama/";
//!     };
//!     services.vllm = {
//!       expose = "path";
//!       path = "/vllm/";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `location`: <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use std::collections::BTreeMap;

use crate::model::{Exposure, ProxiedService};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let mut seen: BTreeMap<&str, &ProxiedService> = BTreeMap::new();
    for service in context.services() {
        let (path, option) = match &service.exposure {
            Exposure::Path(path) => (path.as_str(), "path"),
            // A service that has the web's own port is the root of the node's name.
            Exposure::Port { port, .. } if *port == proxy.web_port() && service.is_http() => ("/", "port"),
            _ => continue,
        };
        let Some(first) = seen.get(path) else {
            seen.insert(path, service);
            continue;
        };
        let message = format!(
            "{:?} and {:?} both stand at https://{}{path}",
            first.name.as_str(),
            service.name.as_str(),
            proxy.node_name()
        );
        let option_of_first = if matches!(first.exposure, Exposure::Path(_)) {
            "path"
        } else {
            "port"
        };
        findings.add(
            Finding::new(Code::DuplicatePath, service.field(option), message)
                .with(
                    first.field(option_of_first),
                    format!("{:?} stands here", first.name.as_str()),
                )
                .help(format!("write another `path`, such as \"/{}/\"", service.name)),
        );
    }
}
