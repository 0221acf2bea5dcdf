//! A kernel parameter is set that exists only while its module is loaded.
//!
//! ## Why
//!
//! Parameters below `net.netfilter` and `net.bridge` belong to modules. At boot systemd-sysctl runs before anything
//! has loaded them; it skips what is not there, and the value never arrives. `network.tuning` loads the module
//! together with the parameter.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   boot.kernel.sysctl."net.netfilter.nf_conntrack_max" = 524288;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.tuning.sysctl."net.netfilter.nf_conntrack_max" = 524288;
//! }
//! ```
//!
//! ## Source
//!
//! - sysctl.d(5), "Caveats"
//! - <https://github.com/NixOS/nixpkgs/issues/44541>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

/// What parameters begin with, and the module that brings them.
const MODULES: [(&str, &str); 2] = [("net.netfilter.", "nf_conntrack"), ("net.bridge.", "br_netfilter")];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (key, (_, field)) in &context.host.upstream.sysctl {
        let Some((_, module)) = MODULES.iter().find(|(start, _)| key.as_str().starts_with(start)) else {
            continue;
        };
        let message = format!(
            "{key} exists only while the module {module} is loaded, which nothing does before the value is set"
        );
        findings.add(
            Finding::new(Code::SysctlNeedsModule, field.clone(), message).help(format!(
                "write `kernelcore.network.tuning.sysctl.{:?}`, or add `boot.kernelModules = [ {module:?} ]`",
                key.as_str()
            )),
        );
    }
}
