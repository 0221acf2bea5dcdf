//! A secret may be read by every user of the host.
//!
//! ## Why
//!
//! The last digit of a file's mode is for everybody. A secret that everybody may read is one for whoever gets a
//! shell, a container or a broken web application on the host.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   secrets.tailscale = {
//!     sopsFile = ./secrets/tailscale.yaml;
//!     keys.authkey.mode = "0444";
//!   };
//!   network.vpn.tailscale.enable = true;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   secrets.tailscale = {
//!     sopsFile = ./secrets/tailscale.yaml;
//!     keys.authkey.mode = "0400";
//!   };
//!   network.vpn.tailscale.enable = true;
//! }
//! ```
//!
//! ## Source
//!
//! - chmod(1)
//! - sops-nix, `sops.secrets.<name>.mode`: <https://github.com/Mic92/sops-nix>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for secret in context
        .host
        .secrets
        .secrets
        .values()
        .filter(|secret| secret.mode.is_open_to_all())
    {
        let message = format!(
            "with mode {} every user of the host may read {:?}",
            secret.mode,
            secret.name.as_str()
        );
        findings.add(
            Finding::new(Code::SecretOpenToAll, secret.origin.name("mode"), message)
                .help("write `mode = \"0400\"` with the `owner` that needs it, or \"0440\" with a `group`"),
        );
    }
}
