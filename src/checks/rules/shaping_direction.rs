//! Bandwidth is limited on an exit node in one direction only.
//!
//! ## Why
//!
//! A limit acts on what this host sends by an interface. On the tailnet's interface that is what its clients
//! download; what they upload leaves by the uplink, and is limited only there (where it limits everything else of
//! the host as well).
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.enp3s0.role = "wan";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!   };
//!   network.qos.limits.tailscale0.rate = "10mbit";
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   host.interfaces.enp3s0.role = "wan";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     exitNode = true;
//!   };
//!   network.qos.limits.tailscale0.rate = "10mbit";
//!   network.qos.limits.enp3s0.rate = "100mbit";
//! }
//! ```
//!
//! ## Source
//!
//! - tc(8): a classless discipline at the root of a device acts on what is sent

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let (Some(qos), Some(tailscale)) = (&host.qos, &host.tailscale) else {
        return;
    };
    let uplinks = host.uplinks();
    let one_way =
        qos.limits.contains_key(&tailscale.interface) && !uplinks.iter().any(|uplink| qos.limits.contains_key(*uplink));
    if !tailscale.exit_node || !one_way {
        return;
    }
    let field = host.field("network.qos.limits").name(tailscale.interface.to_string());
    let message =
        "this limits what clients of the exit node download, not what they upload: a limit acts on what the host sends";
    let uplink = uplinks.first().map_or("enp3s0", |uplink| uplink.as_str());
    findings.add(
        Finding::new(Code::ShapingDirection, field, message)
            .with(host.field("network.vpn.tailscale.exitNode"), "an exit node")
            .help(format!(
                "nothing needs to change; `network.qos.limits.{uplink}` would limit the other direction"
            )),
    );
}
