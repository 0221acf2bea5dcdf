//! The host does not take the tailnet's DNS settings, so names of the tailnet do not resolve on it.
//!
//! ## Why
//!
//! MagicDNS is part of the settings that `acceptDNS = false` leaves out. Peers are then known by their addresses
//! alone, and `enableMagicDNS` has no effect.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     acceptDNS = false;
//!     enableMagicDNS = true;
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     acceptDNS = false;
//!     enableMagicDNS = false;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - MagicDNS: <https://tailscale.com/kb/1081/magicdns>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    if tailscale.accept_dns || !tailscale.magic_dns {
        return;
    }
    let message =
        "names of the tailnet do not resolve on this host, because it does not take the tailnet's DNS settings";
    findings.add(
        Finding::new(
            Code::MagicDnsWithoutDns,
            host.field("network.vpn.tailscale.acceptDNS"),
            message,
        )
        .with(
            host.field("network.vpn.tailscale.enableMagicDNS"),
            "MagicDNS is on, also by default",
        )
        .help("write `acceptDNS = true`, or `enableMagicDNS = false` where that is meant"),
    );
}
