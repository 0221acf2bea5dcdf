//! Rules for nftables are loaded beside the zones in a way that does not go together with tables.
//!
//! ## Why
//!
//! `flush ruleset` takes the chains of tailscaled and Docker with it, and neither puts them back before it is
//! restarted: subnet routes lose their address translation, published ports stop working. A non-empty
//! `networking.nftables.ruleset` switches the flush on; the zones switch it off again, and then such rules are
//! added once more at every reload. Tables of `networking.nftables.tables` are each replaced alone.
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

const HELP: &str = "put your rules into `networking.nftables.tables.NAME = { family = \"inet\"; content = \"…\"; }`, and leave `flushRuleset` off";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.zones.is_none() && host.tailscale.is_none() {
        return;
    }
    if let Some(field) = &host.upstream.nftables_flush {
        let message = "this wipes the chains of tailscaled and Docker at every reload, and neither puts them back";
        findings.add(Finding::new(Code::RulesetFlushed, field.clone(), message).help(HELP));
    } else if let Some(field) = &host.upstream.nftables_ruleset {
        let message = if host.zones.is_some() {
            "beside tables nothing takes these rules away before they are loaded again: at every reload there are more of them"
        } else {
            "this switches `flush ruleset` on, which wipes the chains of tailscaled and Docker at every reload, and neither puts them back"
        };
        findings.add(Finding::new(Code::RulesetFlushed, field.clone(), message).help(HELP));
    }
}
