//! `--reset` is among the flags of Tailscale.
//!
//! ## Why
//!
//! `tailscale up --reset` puts every preference that is not on the same command line back to its default: routes,
//! exit node, SSH, DNS. They stay away until the preferences are set again at the next activation. `tailscale set`
//! does not know the flag at all, and the unit that runs it fails.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     extraUpFlags = [ "--reset" ];
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
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailscale up`: <https://tailscale.com/kb/1241/tailscale-up>

use crate::checks::context::Context;
use crate::checks::flags::{self, Given};
use crate::diagnostic::{Code, Finding, Findings, Severity};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = &context.host.tailscale else {
        return;
    };
    for flag in flags::of(context.host, tailscale) {
        if flag.name() != "reset" {
            continue;
        }
        let finding = match flag.given {
            Given::Up => {
                let message = "a login with `--reset` drops every preference that is not on its command line";
                Finding::new(Code::ResetFlag, flag.field.clone(), message)
            }
            Given::Set => {
                let message = "`tailscale set` has no `--reset`: the unit that applies the preferences would fail";
                Finding::new(Code::ResetFlag, flag.field.clone(), message).severity(Severity::Error)
            }
        };
        findings.add(finding.help(
            "leave it out: every preference of the profile is repeated at a login, and set again at every activation",
        ));
    }
}
