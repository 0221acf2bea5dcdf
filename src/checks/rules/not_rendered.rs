//! A host that does not run NixOS has options that only NixOS modules could carry out.
//!
//! ## Why
//!
//! Hosts with another operating system take part in the checks of a fleet (names, routes, exit nodes), but no file
//! is rendered for them. A proxy, zones or kernel parameters in their profile describe something that nobody sets
//! up.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.os = "linux";
//!     network.vpn.tailscale.enable = true;
//!     network.tuning.profile = "throughput";
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.os = "linux";
//!     network.vpn.tailscale.enable = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailwright schema`, option `host.os`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Os;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.os == Os::Nixos {
        return;
    }
    let groups = [
        (host.proxy.is_some(), "network.proxy"),
        (host.zones.is_some(), "network.security.firewall-zones"),
        (host.monitoring.is_some(), "network.monitoring.tailscale"),
        (host.tuning.is_some(), "network.tuning"),
        (host.dns.is_some(), "network.dns"),
        (host.qos.is_some(), "network.qos"),
    ];
    for (_, group) in groups.into_iter().filter(|(written, _)| *written) {
        let message = "nothing is rendered for a host that does not run NixOS, so this group has no effect";
        findings.add(
            Finding::new(Code::NotRendered, host.field(group), message)
                .with(host.field("host.os"), "another operating system")
                .help("leave it out, or write `host.os = \"nixos\"`"),
        );
    }
}
