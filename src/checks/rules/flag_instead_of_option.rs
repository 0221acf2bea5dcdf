//! A preference that has an option of its own is set by a flag.
//!
//! ## Why
//!
//! NixOS runs `tailscale up` only for a node that is not logged in: what stands in `extraUpFlags` alone never
//! reaches a running one. And whatever depends on the preference (forwarding, firewall zones, names, certificates)
//! looks at the option and knows nothing of the flag.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     extraUpFlags = [ "--advertise-routes=192.168.15.0/24" ];
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
//!     advertiseRoutes = [ "192.168.15.0/24" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS `services.tailscale.extraUpFlags`, `extraSetFlags`
//! - <https://github.com/NixOS/nixpkgs/issues/509367>

use crate::checks::context::Context;
use crate::checks::flags::{self, Given};
use crate::diagnostic::{Code, Finding, Findings, Severity};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    for flag in flags::of(host, tailscale) {
        let Some(option) = flag.option() else { continue };
        if flag.contradicts(tailscale) {
            continue;
        }
        if flag.repeats(tailscale) {
            let message = format!("`{}` says what `{option}` says already", flag.text);
            findings.add(
                Finding::new(Code::FlagInsteadOfOption, flag.field.clone(), message)
                    .severity(Severity::Note)
                    .help("leave it out: every option is passed on at a login, and again at every activation"),
            );
            continue;
        }
        let message = match flag.given {
            Given::Up => format!(
                "`{}` is meant for a login, and nothing else that depends on `{option}` knows of it",
                flag.text
            ),
            Given::Set => format!(
                "`{}` hides the preference from all that depends on `{option}`",
                flag.text
            ),
        };
        let help = format!("write `{}` instead", flag.as_option());
        findings.add(Finding::new(Code::FlagInsteadOfOption, flag.field.clone(), message).help(help));
    }
}
