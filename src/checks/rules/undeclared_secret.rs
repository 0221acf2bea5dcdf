//! A secret is referred to that nobody declares.
//!
//! ## Why
//!
//! sops-nix installs the secrets that are declared. The path of any other one does not exist: NixOS refuses to
//! evaluate it, or the unit that wants it never starts. Secrets of your own modules are named in
//! `secrets.external`, or in `sops.secrets` of the same file.
//!
//! ## Bad
//!
//! ```nix
//! { config, ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;
//!   kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     authKeyFile = config.sops.secrets."tailscale-autkey".path;
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! { config, ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;
//!   kernelcore.network.vpn.tailscale = {
//!     enable = true;
//!     authKeyFile = config.sops.secrets."tailscale-authkey".path;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - sops-nix: <https://github.com/Mic92/sops-nix>

use crate::checks::context::Context;
use crate::checks::files;
use crate::diagnostic::{Code, Finding, Findings, nearest};
use crate::model::FileRef;
use crate::net::SecretName;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    let named = files::of(host).into_iter().filter_map(|file| match file.file {
        FileRef::Secret(name) => Some((name, file.field)),
        FileRef::Path(_) => None,
    });
    let acme = host.proxy.iter().filter_map(|proxy| proxy.acme.as_ref());
    let credentials = acme.flat_map(|acme| &acme.credentials).map(|(variable, name)| {
        let field = host
            .field("network.proxy.nginx-tailscale.acme.credentials")
            .name(variable.clone());
        (name.clone(), field)
    });
    for (name, field) in named.chain(credentials) {
        if host.secrets.declares(&name) {
            continue;
        }
        let declared = host.secrets.secrets.keys().chain(host.secrets.external.keys());
        let near = nearest(declared.map(SecretName::as_str), name.as_str());
        let message = format!("no secret {:?} is declared", name.as_str());
        findings.add(Finding::new(Code::UndeclaredSecret, field, message).help(match near {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!(
                "write `secrets.external = [ {:?} ]` where a module of your own declares it",
                name.as_str()
            ),
        }));
    }
}
