//! A threshold of the monitor is always or never crossed.
//!
//! ## Why
//!
//! With no loss allowed a single lost packet is a failure, and every network loses one now and then. Allowing 100 %
//! never fails. A latency of a few milliseconds is below what a way through the internet takes, and one longer than
//! the check interval is never waited for.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     acceptRoutes = true;
//!   };
//!   network.monitoring.tailscale = {
//!     enable = true;
//!     maxPacketLoss = 100;
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
//!     acceptRoutes = true;
//!   };
//!   network.monitoring.tailscale = {
//!     enable = true;
//!     maxPacketLoss = 5;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 2680, RFC 2681: loss and round-trip delay as measures

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Host;
use crate::net::TimeSpan;

/// What a way through the internet takes at least.
const SHORTEST: TimeSpan = TimeSpan::constant_millis(5);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(monitoring) = &host.monitoring else { return };
    let loss = match monitoring.max_packet_loss.get() {
        0 => Some("a single lost packet is a failure, and every network loses one now and then"),
        100 => Some("no loss is ever too much, so this never fails"),
        _ => None,
    };
    if let Some(message) = loss {
        findings.add(finding(
            host,
            "maxPacketLoss",
            message.to_owned(),
            "write `maxPacketLoss = 5`",
        ));
    }
    if monitoring.max_latency < SHORTEST {
        let message = format!(
            "{} is less than a way through the internet takes: every check fails",
            monitoring.max_latency
        );
        findings.add(finding(host, "maxLatency", message, "write `maxLatency = 200`"));
    } else if monitoring.max_latency >= monitoring.check_interval {
        let message = format!(
            "no check waits for {}, as the next one comes after {}",
            monitoring.max_latency, monitoring.check_interval
        );
        let finding = finding(host, "maxLatency", message, "write `maxLatency = 200` (milliseconds)");
        findings.add(finding.with(
            host.field("network.monitoring.tailscale.checkInterval"),
            "the time between two checks",
        ));
    }
}

fn finding(host: &Host, option: &str, message: String, help: &str) -> Finding {
    let field = host.field("network.monitoring.tailscale").name(option);
    Finding::new(Code::ThresholdOutOfUse, field, message).help(help)
}
