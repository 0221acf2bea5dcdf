//! A host names another tailnet than the rest of the fleet.
//!
//! ## Why
//!
//! The hosts of a fleet are nodes of one tailnet, and a tailnet has one MagicDNS suffix. The names of the odd one
//! out do not resolve, and `tailscale cert` orders no certificate for them.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   tailnet.domain = "your-tailnet.ts.net";
//!   hosts.kernelcore.network = {
//!     vpn.tailscale.enable = true;
//!     proxy.nginx-tailscale = {
//!       enable = true;
//!       tailnetDomain = "other-tailnet.ts.net";
//!       services.ollama.expose = "port";
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
//!   hosts.kernelcore.network = {
//!     vpn.tailscale.enable = true;
//!     proxy.nginx-tailscale = {
//!       enable = true;
//!       services.ollama.expose = "port";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailnet name: <https://tailscale.com/kb/1217/tailnet-name>

use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Fleet;

const FIELD: &str = "network.proxy.nginx-tailscale.tailnetDomain";

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let proxies = || {
        fleet
            .hosts
            .values()
            .filter_map(|host| host.proxy.as_ref().map(|proxy| (host, proxy)))
    };
    let first = proxies()
        .next()
        .map(|(host, proxy)| (&proxy.tailnet_domain, host.field(FIELD)));
    let said = fleet
        .tailnet
        .as_ref()
        .map(|domain| (domain, crate::model::FieldPath::of("tailnet.domain")));
    let Some((domain, field)) = said.or(first) else { return };
    for (host, proxy) in proxies().filter(|(_, proxy)| proxy.tailnet_domain != *domain) {
        let message = format!(
            "{} is another tailnet than {domain}, where the rest of the fleet is",
            proxy.tailnet_domain
        );
        findings.add(
            Finding::new(Code::TailnetDomainDiffers, host.field(FIELD), message)
                .with(field.clone(), "the fleet's tailnet")
                .help("leave it out, or move the host into a profile of its own"),
        );
    }
}
