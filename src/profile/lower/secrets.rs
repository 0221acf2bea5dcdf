//! `secrets`.

use std::collections::BTreeMap;

use super::Scope;
use crate::diagnostic::{Code, FieldPath, Finding, Place};
use crate::model::{
    AgeKeySource, Auth, Certificate, FileMode, FileRef, Proxy, Secret, Secrets, SopsFile, Tailscale, UpstreamOptions,
};
use crate::net::{SecretName, UserName};
use crate::profile::written;

const GROUP: &str = "secrets.tailscale";
/// Where the guide keeps the encrypted file.
const GUIDE_FILE: &str = "/etc/nixos/secrets/tailscale.yaml";
/// The guide's keys; each is installed as the secret `tailscale-KEY`.
const GUIDE_KEYS: [&str; 4] = ["authkey", "preauthkey", "api_token", "tailnet"];
const NAME_PREFIX: &str = "tailscale-";

pub(super) fn secrets(
    scope: &mut Scope<'_>,
    written: written::Secrets,
    tailscale: Option<&Tailscale>,
    proxy: Option<&Proxy>,
    upstream: &UpstreamOptions,
) -> Secrets {
    let mut secrets = Secrets::default();
    for (index, name) in written.external.unwrap_or_default().into_iter().enumerate() {
        secrets
            .external
            .insert(name, scope.field("secrets.external").index(index));
    }
    for (name, field) in &upstream.sops_secrets {
        if let Ok(name) = name.parse() {
            secrets.external.insert(name, field.clone());
        }
    }
    if let Some(group) = written.tailscale.filter(|group| group.enable != Some(false)) {
        group_of_tailscale(scope, group, &mut secrets);
    }
    references(scope, tailscale, proxy, &mut secrets);
    secrets
}

fn group_of_tailscale(scope: &mut Scope<'_>, group: written::TailscaleSecrets, secrets: &mut Secrets) {
    let at = scope.field(GROUP);
    secrets.sops_file = group.sops_file;
    if secrets.sops_file.is_none() {
        assume_guide_file(scope, secrets, &at);
    }
    let default = BTreeMap::from([("authkey".to_owned(), written::SecretKey::default())]);
    for (key, options) in group.keys.unwrap_or(default) {
        if options.enable == Some(false) {
            continue;
        }
        let origin = at.name("keys").name(key.clone());
        if key.is_empty() {
            // To sops-nix the empty key is the whole file.
            let message = "a key of the sops file has a name";
            scope.add(Finding::at(Code::InvalidValue, Place::Name(origin), message));
            continue;
        }
        secrets_of_key(scope, key, options, origin, secrets);
    }
    let age = group.age.unwrap_or_default();
    let key_file = age.key_file.and_then(|file| match file {
        FileRef::Path(path) => Some(AgeKeySource::KeyFile(path)),
        FileRef::Secret(name) => {
            let field = at.name("age").name("keyFile");
            let message = format!(
                "the key that opens the secrets cannot itself be the secret {:?}",
                name.to_string()
            );
            scope.add(Finding::new(Code::InvalidValue, field, message).help("write a path on the host"));
            None
        }
    });
    let ssh_keys = age
        .ssh_key_paths
        .unwrap_or_default()
        .into_iter()
        .map(AgeKeySource::SshKey);
    secrets.age_keys = key_file.into_iter().chain(ssh_keys).collect();
}

fn secrets_of_key(
    scope: &mut Scope<'_>,
    key: String,
    options: written::SecretKey,
    origin: FieldPath,
    secrets: &mut Secrets,
) {
    let Some(name) = scope.accept(format!("{NAME_PREFIX}{key}").parse::<SecretName>(), &origin) else {
        return;
    };
    let mode = options
        .mode
        .and_then(|mode| scope.accept(mode.parse::<FileMode>(), &origin.name("mode")));
    let root = || "root".parse::<UserName>();
    let (Ok(owner), Ok(group)) = (options.owner.map_or_else(root, Ok), options.group.map_or_else(root, Ok)) else {
        return;
    };
    let secret = Secret {
        name: name.clone(),
        key,
        owner,
        group,
        mode: mode.unwrap_or(FileMode::OWNER),
        origin,
    };
    secrets.secrets.insert(name, secret);
}

/// The guide's secrets may be referred to without being declared: they are the guide's keys in the guide's file.
fn references(scope: &mut Scope<'_>, tailscale: Option<&Tailscale>, proxy: Option<&Proxy>, secrets: &mut Secrets) {
    let mut names: Vec<SecretName> = Vec::new();
    let mut refer = |file: &FileRef| {
        if let FileRef::Secret(name) = file {
            names.push(name.clone());
        }
    };
    if let Some(key) = tailscale.and_then(|tailscale| tailscale.auth_key.as_ref()) {
        refer(key);
    }
    if let Some(Certificate::Files { certificate, key }) = proxy.map(|proxy| &proxy.certificate) {
        refer(certificate);
        refer(key);
    }
    for service in proxy.into_iter().flat_map(|proxy| proxy.services.values()) {
        if let Auth::Basic(file) = &service.auth {
            refer(file);
        }
    }
    for name in names {
        let written = name.to_string();
        let key = written.strip_prefix(NAME_PREFIX).filter(|key| GUIDE_KEYS.contains(key));
        if let (Some(key), false) = (key, secrets.declares(&name)) {
            let origin = scope.field("network.vpn.tailscale.authKeyFile");
            if secrets.sops_file.is_none() {
                assume_guide_file(scope, secrets, &origin);
            }
            secrets_of_key(scope, key.to_owned(), written::SecretKey::default(), origin, secrets);
        }
    }
}

fn assume_guide_file(scope: &mut Scope<'_>, secrets: &mut Secrets, at: &FieldPath) {
    let message =
        format!("no sops file is named; the guide's {GUIDE_FILE} is used, which only the host itself can check");
    let finding = Finding::new(Code::SopsFileAssumed, at.clone(), message);
    scope.add(finding.help(
        "write `secrets.tailscale.sopsFile = ./secrets/tailscale.yaml` and keep the encrypted file with the modules",
    ));
    secrets.sops_file = scope.accept(GUIDE_FILE.parse(), at).map(SopsFile::OnHost);
}
