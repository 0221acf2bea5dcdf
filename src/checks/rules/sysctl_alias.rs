//! The same kernel parameter is set by two names.
//!
//! ## Why
//!
//! `net.ipv4.ip_forward` is another name of `net.ipv4.conf.all.forwarding`. The lines of NixOS's file are written
//! in the order of their names, so the first of the two is undone by the second: `ip_forward` always wins.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   boot.kernel.sysctl = {
//!     "net.ipv4.conf.all.forwarding" = 1;
//!     "net.ipv4.ip_forward" = 0;
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
//!     exitNode = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Linux, `Documentation/networking/ip-sysctl.rst`, `ip_forward`
//! - NixOS `boot.kernel.sysctl`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{FieldPath, SysctlValue};

const NAMES: (&str, &str) = ("net.ipv4.conf.all.forwarding", "net.ipv4.ip_forward");

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let ours = host.tuning.iter().flat_map(|tuning| &tuning.overrides);
    let all: Vec<(&str, &SysctlValue, &FieldPath)> = ours
        .chain(&host.upstream.sysctl)
        .map(|(key, (value, field))| (key.as_str(), value, field))
        .collect();
    let find = |name: &str| all.iter().find(|(key, ..)| *key == name);
    let (Some((first, _, first_field)), Some((last, value, last_field))) = (find(NAMES.0), find(NAMES.1)) else {
        return;
    };
    let message = format!("{last} is another name of {first} and is written after it: {value} is what counts");
    findings.add(
        Finding::new(Code::SysctlAlias, (*last_field).clone(), message)
            .with((*first_field).clone(), "undone")
            .help("leave both out; `exitNode` and `advertiseRoutes` switch forwarding on"),
    );
}
