//! `modules/secrets/tailscale.nix`: the secrets that sops-nix installs, and how other modules refer to them.

use super::Module;
use super::value::{AttrPath, Binding, NixSet, NixValue, Reference, RelativePath};
use crate::model::{AgeKeySource, Certificate, FileRef, Host, Secret, SopsFile};

/// Where the file with the secrets module stands in the tree, seen from which the sops file is named.
const UP_TO_ROOT: &str = "../../";

/// Why [`after_installing`].
pub(super) const AFTER_INSTALLING: &str = "The secret is there first. Where sops-nix installs secrets by a unit and not while the system is activated, nothing\n\
     else would see to that; where there is no such unit, this is ignored.";

/// The module; `None` for a host that installs no secret.
pub fn secrets(host: &Host) -> Option<Module> {
    let secrets = &host.secrets;
    let file = secrets.sops_file.as_ref().filter(|_| !secrets.secrets.is_empty())?;
    let mut header = "Secrets: decrypted by sops-nix while the host starts, never part of the Nix store.\n\
                      Needs sops-nix's own module (sops-nix.nixosModules.sops)"
        .to_owned();
    if let SopsFile::InTree(path) = file {
        header.push_str(", and the encrypted file beside default.nix: ");
        header.push_str(path);
    }
    header.push('.');
    let mut module = Module::new(header);
    let source: NixValue = match file {
        SopsFile::InTree(path) => match RelativePath::new(&format!("{UP_TO_ROOT}{path}")) {
            Some(path) => path.into(),
            None => path.as_str().into(),
        },
        SopsFile::OnHost(path) => {
            module.bind(Binding::new("sops.validateSopsFiles", false).comment(
                "The encrypted file lies on the host, so that the build cannot look at it. Part of the flake\n\
                     (sopsFile = ./secrets/…), it would be checked in the build.",
            ));
            path.to_string().into()
        }
    };
    let ssh_keys: Vec<String> = secrets
        .age_keys
        .iter()
        .filter_map(|key| match key {
            AgeKeySource::SshKey(path) => Some(path.to_string()),
            AgeKeySource::KeyFile(_) => None,
        })
        .collect();
    let key_file = secrets.age_keys.iter().find_map(|key| match key {
        AgeKeySource::KeyFile(path) => Some(path.to_string()),
        AgeKeySource::SshKey(_) => None,
    });
    if let Some(path) = key_file {
        module.bind(Binding::new("sops.age.keyFile", path));
    }
    if !ssh_keys.is_empty() {
        module.bind(Binding::new("sops.age.sshKeyPaths", ssh_keys));
    }
    for secret in secrets.secrets.values() {
        let path = AttrPath::of("sops.secrets").name(secret.name.to_string());
        module.bind(Binding::new(path, installed(host, secret, &source)).spaced());
    }
    Some(module)
}

fn installed(host: &Host, secret: &Secret, source: &NixValue) -> NixSet {
    let mut set = NixSet::new()
        .with("sopsFile", source.clone())
        .with("key", secret.key.clone())
        .with("owner", secret.owner.to_string())
        .with("group", secret.group.to_string())
        .with("mode", secret.mode.to_string());
    let certificate = host.proxy.as_ref().is_some_and(|proxy| match &proxy.certificate {
        Certificate::Files { certificate, key } => [certificate, key]
            .into_iter()
            .any(|file| *file == FileRef::Secret(secret.name.clone())),
        Certificate::Tailscale | Certificate::Acme | Certificate::None => false,
    });
    if certificate {
        // nginx reads certificates when it loads its configuration, and never again.
        set.set("reloadUnits", ["nginx.service"]);
    }
    set
}

/// The place of a secret's file at run time: always a string, because a Nix path would be copied to the store.
pub fn place(file: &FileRef) -> NixValue {
    match file {
        FileRef::Secret(name) => Reference::secret(&name.to_string()).into(),
        FileRef::Path(path) => path.to_string().into(),
    }
}

/// Whether sops-nix brings the file.
pub fn needs_installing(file: &FileRef) -> bool {
    matches!(file, FileRef::Secret(_))
}

/// For a unit that reads a secret of sops-nix: `after` and `wants` its installation.
pub fn after_installing() -> NixSet {
    NixSet::new()
        .with("wants", ["sops-install-secrets.service"])
        .with("after", ["sops-install-secrets.service"])
}

#[cfg(test)]
mod tests;
