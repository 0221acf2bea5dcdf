//! `services.resolved.extraConfig` is set, an option that NixOS has removed.
//!
//! ## Why
//!
//! From 26.05 on the option does not exist, and setting it ends the evaluation of the whole configuration. On 25.11
//! it still works. The example of the guide is not needed besides: tailscaled tells systemd-resolved by itself
//! which names are the tailnet's.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     enableMagicDNS = true;
//!   };
//!   services.resolved.extraConfig = ''
//!     [Resolve]
//!     DNS=100.100.100.100
//!     Domains=~your-tailnet.ts.net
//!   '';
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
//!     enableMagicDNS = true;
//!   };
//!   network.dns.splitDNS."corp.example.org" = [ "192.168.15.1" ];
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS release notes 26.05, `services.resolved.settings`
//! - <https://tailscale.com/kb/1188/linux-dns>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings, Severity};
use crate::model::Release;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some((_, field)) = &host.upstream.resolved_extra_config else {
        return;
    };
    let help = "leave it out: `acceptDNS` (on by default) makes the tailnet's names resolve; \
                other domains go into `kernelcore.network.dns.splitDNS`";
    let finding = if host.release >= Release::R2605 {
        let message = format!(
            "NixOS {} has no such option any more, and setting it ends the evaluation",
            host.release.as_str()
        );
        Finding::new(Code::ResolvedExtraConfig, field.clone(), message)
    } else {
        let message = "this works on NixOS 25.11 and ends the evaluation from 26.05 on";
        Finding::new(Code::ResolvedExtraConfig, field.clone(), message).severity(Severity::Note)
    };
    findings.add(finding.help(help));
}
