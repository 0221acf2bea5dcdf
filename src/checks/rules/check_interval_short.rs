//! The monitor is to check so often that its checks disturb what they measure.
//!
//! ## Why
//!
//! A check sends probes and waits for them. Below five seconds checks run into each other, keep radios and disks of
//! laptops awake, and count one short burst of loss as several failures in a row. Where a failure has to be found within
//! seconds all the same, `profile = "fast"` sets everything that belongs to that: a check every 700 ms, an answer
//! within 500 ms.
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
//!     checkInterval = 1;
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
//!     checkInterval = 30;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - RFC 8085 §3.1: what a measuring application may send

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::MonitorProfile;
use crate::net::TimeSpan;

const SHORTEST: TimeSpan = TimeSpan::constant_millis(5_000);
/// The `fast` profile says so itself.
const SHORTEST_FAST: TimeSpan = TimeSpan::constant_millis(700);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(monitoring) = host.monitoring.as_ref().filter(|monitoring| {
        let shortest = match monitoring.profile {
            MonitorProfile::Standard => SHORTEST,
            MonitorProfile::Fast => SHORTEST_FAST,
        };
        monitoring.check_interval < shortest
    }) else {
        return;
    };
    let message = format!(
        "a check every {} runs into the next one and disturbs what it measures",
        monitoring.check_interval
    );
    findings.add(
        Finding::new(
            Code::CheckIntervalShort,
            host.field("network.monitoring.tailscale.checkInterval"),
            message,
        )
        .help("write `checkInterval = 30`; `failureThreshold` says how many bad checks in a row are needed"),
    );
}
