//! The proxy's names begin with another name than the node has.
//!
//! ## Why
//!
//! The node answers as `HOSTNAME.your-tailnet.ts.net`, by the hostname of the Tailscale client. A proxy that goes
//! by another one serves names that do not resolve, with a certificate that cannot be ordered.
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
//!     hostname = "desktop";
//!     services.ollama.expose = "port";
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
//!     hostname = "kernelcore";
//!     services.ollama.expose = "port";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Machine names: <https://tailscale.com/kb/1098/machine-names>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(proxy), Some(tailscale)) = (&host.proxy, &host.tailscale) else {
        return;
    };
    if proxy.hostname == tailscale.hostname {
        return;
    }
    let message = format!(
        "the proxy serves {}, but the node is called {} in the tailnet",
        proxy.node_name(),
        tailscale.hostname
    );
    findings.add(
        Finding::new(
            Code::HostnameDiffers,
            host.field("network.proxy.nginx-tailscale.hostname"),
            message,
        )
        .with(
            host.field("network.vpn.tailscale.hostname"),
            format!("{} here", tailscale.hostname),
        )
        .help(format!(
            "write `hostname = {:?}` in both, or leave it out of the proxy",
            tailscale.hostname.as_str()
        )),
    );
}
