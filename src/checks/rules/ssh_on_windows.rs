//! Tailscale SSH is enabled on a host that cannot serve it.
//!
//! ## Why
//!
//! The SSH server of Tailscale runs on Linux and macOS (the open-source daemon). On Windows `tailscale set --ssh`
//! fails; OpenSSH is the way in there.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.os = "windows";
//!     network.vpn.tailscale = {
//!       enable = true;
//!       enableSSH = true;
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk = {
//!     host.os = "windows";
//!     network.vpn.tailscale.enable = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - Tailscale SSH: <https://tailscale.com/kb/1193/tailscale-ssh>
//! - OpenSSH for Windows: <https://learn.microsoft.com/windows-server/administration/openssh/openssh_install_firstuse>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Os;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    if host.os == Os::Windows && host.tailscale.as_ref().is_some_and(|tailscale| tailscale.ssh) {
        let message = "the SSH server of Tailscale does not run on Windows";
        findings.add(
            Finding::new(
                Code::SshOnWindows,
                host.field("network.vpn.tailscale.enableSSH"),
                message,
            )
            .with(host.field("host.os"), "this is a Windows host")
            .help("leave it out and install the OpenSSH server of Windows"),
        );
    }
}
