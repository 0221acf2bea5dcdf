//! `secrets`: which secrets a host has and who may read them. Never a secret's value.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::FieldPath;
use crate::net::{AbsolutePath, SecretName, UserName};

/// A file that holds a secret, by way of sops or by its path on the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileRef {
    /// `config.sops.secrets."NAME".path`.
    Secret(SecretName),
    /// A path on the host.
    Path(AbsolutePath),
}

/// The secrets of a host.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Secrets {
    /// `secrets.tailscale.sopsFile` as written: a Nix path (`./secrets/x.yaml`) is checked in the build, a path on the
    /// host (`/etc/nixos/…` in a string) is read at activation.
    pub sops_file: Option<SopsFile>,
    /// Where the decryption key comes from; empty leaves sops-nix's default (the host's ed25519 SSH key).
    pub age_keys: Vec<AgeKeySource>,
    /// The secrets to install, by their sops-nix name.
    pub secrets: BTreeMap<SecretName, Secret>,
    /// `external`: secrets that the user's own modules declare.
    pub external: BTreeMap<SecretName, FieldPath>,
}

impl Secrets {
    /// Whether `name` is declared, here or elsewhere.
    pub fn declares(&self, name: &SecretName) -> bool {
        self.secrets.contains_key(name) || self.external.contains_key(name)
    }
}

/// The encrypted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SopsFile {
    /// A path relative to the rendered tree's root, part of the flake: copied to the store, checked in the build.
    InTree(String),
    /// A path on the host, read at activation.
    OnHost(AbsolutePath),
}

/// Where the age key that opens the file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgeKeySource {
    /// `age.keyFile`.
    KeyFile(AbsolutePath),
    /// One of `age.sshKeyPaths`.
    SshKey(AbsolutePath),
}

/// One secret to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its sops-nix name: `tailscale-authkey`.
    pub name: SecretName,
    /// The key inside the file.
    pub key: String,
    /// Who owns the installed file.
    pub owner: UserName,
    /// The group of the installed file.
    pub group: UserName,
    /// Its permission bits.
    pub mode: FileMode,
    /// What is answerable for it.
    pub origin: FieldPath,
}

/// Permission bits of a file, written in octal: `0400`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileMode(u16);

impl FileMode {
    /// Readable by its owner only.
    pub const OWNER: Self = Self(0o400);
    /// Readable by its owner and group.
    pub const GROUP: Self = Self(0o440);

    /// Whether everybody may read or write the file.
    pub fn is_open_to_all(self) -> bool {
        self.0 & 0o006 != 0
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// The text is no file mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFileMode(String);

impl fmt::Display for InvalidFileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no file mode: expected three or four octal digits, such as \"0400\"",
            self.0
        )
    }
}

impl std::error::Error for InvalidFileMode {}

impl FromStr for FileMode {
    type Err = InvalidFileMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let octal = matches!(text.len(), 3 | 4) && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        match u16::from_str_radix(text, 8) {
            Ok(bits) if octal && bits <= 0o777 => Ok(Self(bits)),
            _ => Err(InvalidFileMode(text.to_owned())),
        }
    }
}
