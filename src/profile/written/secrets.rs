//! `secrets`.

use std::collections::BTreeMap;

use super::{FileRef, SopsFile, group};
use crate::net::{AbsolutePath, SecretName, UserName};

group! {
    /// The host's secrets.
    pub struct Secrets {
        /// The secrets of the tailnet.
        pub tailscale: Option<TailscaleSecrets>,
        /// Secrets that modules of your own declare in `sops.secrets`.
        pub external: Option<Vec<SecretName>>,
    }
}

group! {
    /// The sops file with the guide's keys: `authkey`, `preauthkey`, `api_token`, `tailnet`.
    pub struct TailscaleSecrets {
        /// Whether the secrets are installed; true by default where this group is written.
        pub enable: Option<bool>,
        /// The encrypted file: a Nix path relative to the rendered tree, or a path on the host as a string.
        pub sops_file: Option<SopsFile>,
        /// The keys of the file to install, each as the secret `tailscale-KEY`; `authkey` alone by default.
        pub keys: Option<BTreeMap<String, SecretKey>>,
        /// Where the key that opens the file comes from; the host's SSH key by default.
        pub age: Option<AgeKeys>,
    }
}

group! {
    /// One key of the sops file.
    pub struct SecretKey {
        /// Whether it is installed.
        pub enable: Option<bool>,
        /// The owner of the installed file; `root` by default.
        pub owner: Option<UserName>,
        /// The group of the installed file; `root` by default.
        pub group: Option<UserName>,
        /// Its permission bits; `0400` by default.
        pub mode: Option<String>,
    }
}

group! {
    /// Where the age key comes from.
    pub struct AgeKeys {
        /// A file with an age identity on the host.
        pub key_file: Option<FileRef>,
        /// SSH host keys (ed25519) used as age identities.
        pub ssh_key_paths: Option<Vec<AbsolutePath>>,
    }
}
