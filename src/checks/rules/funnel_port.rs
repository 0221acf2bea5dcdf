//! A service is to be public on a port that Funnel does not offer.
//!
//! ## Why
//!
//! Tailscale's relays accept connections from the internet on 443, 8443 and 10000 only. Which ports a node may use
//! is told to it by the control server; these three are what it tells today. `tailscale funnel` refuses any other.
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
//!     services.tensorzero = {
//!       auth = "none";
//!       funnel = true;
//!       funnelPort = 3030;
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
//!     services.tensorzero = {
//!       auth = "none";
//!       funnel = true;
//!       funnelPort = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Funnel: <https://tailscale.com/kb/1223/funnel>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::net::Port;

/// What the control server allows (`https://tailscale.com/cap/funnel-ports` in `Self.CapMap`).
const OFFERED: [Port; 3] = [Port::HTTPS, Port::constant(8443), Port::constant(10000)];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        let Some(port) = service.funnel.filter(|port| !OFFERED.contains(port)) else {
            continue;
        };
        let message = format!("Funnel offers the ports 443, 8443 and 10000, not {port}");
        findings.add(
            Finding::new(Code::FunnelPort, service.field("funnelPort"), message)
                .help("write `funnelPort = 8443`, or 443 or 10000"),
        );
    }
}
