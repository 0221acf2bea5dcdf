//! nginx is to read a secret that belongs to somebody else.
//!
//! ## Why
//!
//! On NixOS nginx runs as the user `nginx` from its first moment; it does not read files as root and then step
//! down. A password file or a private key with owner root and mode 0400 keeps it from starting.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   secrets.tailscale = {
//!     sopsFile = ./secrets/tailscale.yaml;
//!     keys.htpasswd = { };
//!   };
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.myservice = {
//!       upstreamPort = 8000;
//!       auth = "basic";
//!       authFile.secret = "tailscale-htpasswd";
//!     };
//!   };
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
//!     keys.htpasswd.owner = "nginx";
//!   };
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.myservice = {
//!       upstreamPort = 8000;
//!       auth = "basic";
//!       authFile.secret = "tailscale-htpasswd";
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - NixOS `services.nginx.user`
//! - sops-nix, `sops.secrets.<name>.owner`: <https://github.com/Mic92/sops-nix>

use crate::checks::context::Context;
use crate::checks::files::{self, Reader};
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{FileMode, FileRef, Secret};

const NGINX: &str = "nginx";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for referred in files::of(host)
        .into_iter()
        .filter(|referred| referred.reader == Reader::Nginx)
    {
        let FileRef::Secret(name) = &referred.file else {
            continue;
        };
        let Some(secret) = host.secrets.secrets.get(name).filter(|secret| !nginx_reads(secret)) else {
            continue;
        };
        let message = format!(
            "nginx runs as the user {NGINX:?} and cannot read {:?}, which belongs to {}",
            name.as_str(),
            secret.owner
        );
        findings.add(
            Finding::new(Code::SecretUnreadable, referred.field, message)
                .with(
                    secret.origin.clone(),
                    format!("owner {}, mode {}", secret.owner, secret.mode),
                )
                .help(format!("write `owner = {NGINX:?}` for the secret")),
        );
    }
}

fn nginx_reads(secret: &Secret) -> bool {
    let by_group = secret.group.as_str() == NGINX && secret.mode != FileMode::OWNER;
    secret.owner.as_str() == NGINX || by_group || secret.mode.is_open_to_all()
}
