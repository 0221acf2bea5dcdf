//! A web application is mounted below a path and is known to break there.
//!
//! ## Why
//!
//! The prefix is taken off before the application sees the request, so it believes to stand at `/` and links to
//! `/static/app.js` and `/api`: the page loads without its parts. Interfaces for programs mostly do not mind. Some
//! applications can be told their base path; then weigh this finding down.
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
//!     services.open-webui = {
//!       expose = "path";
//!       path = "/chat/";
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
//!     services.open-webui = {
//!       expose = "port";
//!       port = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailscale serve --set-path` strips its prefix as well: <https://tailscale.com/kb/1242/tailscale-serve>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Exposure, known_service};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let Exposure::Path(path) = &service.exposure else {
            continue;
        };
        let breaks = known_service::known(service.name.as_str()).filter(|known| !known.tolerates_path_prefix);
        let (Some(known), true) = (breaks, path != "/") else {
            continue;
        };
        let message = format!(
            "{} links to absolute paths, so it breaks below {path}, where the proxy takes the prefix off",
            known.name
        );
        findings.add(
            Finding::new(Code::PathPrefixBreaks, service.field("path"), message)
                .help("write `expose = \"port\"` or \"service\", or tell the application its base path"),
        );
    }
}
