//! Something in the same file wipes all tables of nftables at every reload.
//!
//! ## Why
//!
//! `flush ruleset` takes the chains of tailscaled and Docker with it, and neither puts them back before it is
//! restarted: subnet routes lose their address translation, published ports stop working. A non-empty
//! `networking.nftables.ruleset` or `rulesetFile` switches the flush on. What is rendered is a table of its own in
//! `networking.nftables.tables`, which is replaced alone.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//!   networking.nftables.ruleset = ''
//!     table inet extra { }
//!   '';
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.host.management = [ { via = "tailscale0"; service = "ssh"; } ];
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.security.firewall-zones = {
//!     enable = true;
//!     zones.internal = {
//!       interfaces = [ "tailscale0" ];
//!       allowedServices = [ "ssh" ];
//!     };
//!   };
//!   networking.nftables.tables.extra = {
//!     family = "inet";
//!     content = "";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS `networking.nftables.flushRuleset`
//! - <https://github.com/tailscale/tailscale/issues/11926>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.zones.is_none() && host.tailscale.is_none() {
        return;
    }
    let flush = host.upstream.nftables_flush.as_ref();
    let ruleset = host.upstream.nftables_ruleset.as_ref();
    let Some(field) = ruleset.or(flush) else { return };
    let why = if ruleset.is_some() {
        "this switches `flush ruleset` on, which"
    } else {
        "this"
    };
    let message =
        format!("{why} wipes the chains of tailscaled and Docker at every reload, and neither puts them back");
    findings.add(Finding::new(Code::RulesetFlushed, field.clone(), message).help(
        "put your rules into `networking.nftables.tables.NAME = { family = \"inet\"; content = \"…\"; }`, and leave `flushRuleset` off",
    ));
}
