//! A flag is passed to Tailscale that the command does not have.
//!
//! ## Why
//!
//! The command ends with "flag provided but not defined" and does nothing at all: with `tailscale up` the host
//! never joins the tailnet, with `tailscale set` none of its preferences is set. The lists are those of release
//! 1.103; a newer one may know more.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     extraSetFlags = [ "--webclients" ];
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
//!     extraSetFlags = [ "--webclient" ];
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - tailscale, `cmd/tailscale/cli/{up,set}.go`
//! - <https://tailscale.com/kb/1080/cli>

use crate::checks::context::Context;
use crate::checks::flags::{self, Given};
use crate::diagnostic::{Code, Finding, Findings, nearest};
use crate::model::SHARED_FLAGS;

/// Besides the preferences of [`SHARED_FLAGS`], both commands know this one, which sets nothing.
const GUARD: &str = "accept-risk";
/// What `tailscale up` knows besides.
const UP: [&str; 14] = [
    "advertise-tags",
    "audience",
    "auth-key",
    "client-id",
    "client-secret",
    "force-reauth",
    "host-routes",
    "id-token",
    "json",
    "login-server",
    "qr",
    "qr-format",
    "reset",
    "timeout",
];
/// What `tailscale set` knows besides.
const SET: [&str; 7] = [
    "auto-update",
    "nickname",
    "relay-server-port",
    "relay-server-static-endpoints",
    "sync",
    "update-check",
    "webclient",
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tailscale) = &context.host.tailscale else {
        return;
    };
    for flag in flags::of(context.host, tailscale) {
        let (command, own, other, other_list): (_, &[&str], &[&str], _) = match flag.given {
            Given::Up => ("tailscale up", &UP, &SET, "extraSetFlags"),
            Given::Set => ("tailscale set", &SET, &UP, "extraUpFlags"),
        };
        let name = flag.name();
        // A rule of its own speaks of this one.
        if SHARED_FLAGS.contains(&name) || own.contains(&name) || matches!(name, GUARD | "reset") {
            continue;
        }
        let message = format!("`{command}` has no flag `--{name}`: it would end without doing anything");
        let near = nearest(SHARED_FLAGS.iter().chain(own).copied().chain([GUARD]), name);
        findings.add(
            Finding::new(Code::UnknownFlag, flag.field.clone(), message).help(match near {
                _ if other.contains(&name) => format!("write it in `{other_list}`"),
                Some(near) => format!("did you mean `--{near}`?"),
                None => "leave it out, or weigh this finding down where your release knows it".to_owned(),
            }),
        );
    }
}
