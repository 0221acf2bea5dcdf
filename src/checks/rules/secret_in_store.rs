//! A file with a secret lies in the Nix store.
//!
//! ## Why
//!
//! Everything in /nix/store may be read by every user of the host, is copied to binary caches and to every machine
//! that builds the configuration, and stays there. A secret that has been in it must be replaced.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale = {
//!     enable = true;
//!     authKeyFile = "/nix/store/0c1n2p3q4r5s6v7w8x9y0z1a2b3c4d5f-authkey";
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
//!     authKeyFile = "/run/keys/tailscale-authkey";
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - <https://nix.dev/manual/nix/latest/store/>

use crate::checks::context::Context;
use crate::checks::files;
use crate::diagnostic::{Code, FieldPath, Finding, Findings};
use crate::model::{AgeKeySource, FileRef};
use crate::net::AbsolutePath;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let host = context.host;
    for referred in files::of(host) {
        if let FileRef::Path(path) = &referred.file {
            findings.extend(finding(path, referred.field));
        }
    }
    let age = host.field("secrets.tailscale.age");
    let mut ssh_keys = 0;
    for source in &host.secrets.age_keys {
        match source {
            AgeKeySource::KeyFile(path) => findings.extend(finding(path, age.name("keyFile"))),
            AgeKeySource::SshKey(path) => {
                findings.extend(finding(path, age.name("sshKeyPaths").index(ssh_keys)));
                ssh_keys += 1;
            }
        }
    }
}

fn finding(path: &AbsolutePath, field: FieldPath) -> Option<Finding> {
    path.is_in_nix_store().then(|| {
        let message = "every user of every machine with this store path can read the secret";
        Finding::new(Code::SecretInStore, field, message)
            .help("replace the secret, keep the new one in a sops file, and write `config.sops.secrets.\"NAME\".path`")
    })
}
