//! A kernel parameter is set by the profile and beside it.
//!
//! ## Why
//!
//! NixOS takes one definition of a kernel parameter: two of the same weight end the evaluation, even where they say
//! the same. Parameters of a tuning profile (`throughput` and so on) give way to your own lines; those named in
//! `network.tuning.sysctl` do not.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.tuning.sysctl."net.core.somaxconn" = 4096;
//!   boot.kernel.sysctl."net.core.somaxconn" = 8192;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.tuning.sysctl."net.core.somaxconn" = 8192;
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS `boot.kernel.sysctl`, `lib.options.mergeOneOption`

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::OwnedSysctl;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for (key, (_, field)) in host.tuning.iter().flat_map(|tuning| &tuning.overrides) {
        let Some((_, other)) = host.upstream.sysctl.get(key).filter(|_| OwnedSysctl::of(key).is_none()) else {
            continue;
        };
        let message =
            format!("{key} is set here and beside the profile, and NixOS refuses two definitions of one parameter");
        findings.add(
            Finding::new(Code::SysctlDefinedTwice, field.clone(), message)
                .with(other.clone(), "the other one")
                .help("keep one of the two"),
        );
    }
}
