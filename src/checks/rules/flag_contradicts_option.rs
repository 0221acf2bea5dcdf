//! A flag says the opposite of an option.
//!
//! ## Why
//!
//! The flag is passed on as written and wins over the option. Everything else that is rendered follows the option:
//! names, certificates, forwarding. The two halves of the host then disagree.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     hostname = "kernelcore";
//!     extraUpFlags = [ "--hostname=desktop" ];
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
//!     hostname = "kernelcore";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - `tailscale up`, `tailscale set`: <https://tailscale.com/kb/1080/cli>

use crate::checks::context::Context;
use crate::checks::flags;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let Some(tailscale) = &host.tailscale else { return };
    for flag in flags::of(host, tailscale) {
        let Some(option) = flag.option() else { continue };
        if !flag.contradicts(tailscale) {
            continue;
        }
        let message = format!(
            "`{}` wins over `{option}`, which says otherwise and which all the rest follows",
            flag.text
        );
        findings.add(
            Finding::new(Code::FlagContradictsOption, flag.field.clone(), message)
                .with(host.field("network.vpn.tailscale").name(option), "says otherwise")
                .help(format!(
                    "leave the flag out and write `{}` if that is what you mean",
                    flag.as_option()
                )),
        );
    }
}
