//! The files with secrets that a host refers to.

use crate::model::{Auth, Certificate, FieldPath, FileRef, Host};

/// Who reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A unit that runs as root.
    Root,
    /// nginx, whose master runs as the user `nginx` on NixOS.
    Nginx,
}

/// A file, who reads it, and the field that names it.
#[derive(Debug, Clone)]
pub(super) struct Referred {
    pub(super) file: FileRef,
    pub(super) reader: Reader,
    pub(super) field: FieldPath,
}

/// Every file with a secret that some option names.
pub(super) fn of(host: &Host) -> Vec<Referred> {
    let mut found = Vec::new();
    let mut add = |file: &FileRef, reader, field| {
        found.push(Referred {
            file: file.clone(),
            reader,
            field,
        });
    };
    if let Some(key) = host
        .tailscale
        .as_ref()
        .and_then(|tailscale| tailscale.auth_key.as_ref())
    {
        add(key, Reader::Root, host.field("network.vpn.tailscale.authKeyFile"));
    }
    let group = host.field("network.proxy.nginx-tailscale");
    if let Some(Certificate::Files { certificate, key }) = host.proxy.as_ref().map(|proxy| &proxy.certificate) {
        add(certificate, Reader::Nginx, group.name("certificateFile"));
        add(key, Reader::Nginx, group.name("certificateKeyFile"));
    }
    for service in host.proxy.iter().flat_map(|proxy| proxy.services.values()) {
        if let Auth::Basic(file) = &service.auth {
            add(file, Reader::Nginx, service.field("authFile"));
        }
    }
    let receivers = host.field("network.monitoring.tailscale.alerts.receivers");
    let smtp = host.field("network.monitoring.tailscale.alerts.smtp");
    for secret in host.monitoring.iter().flat_map(|group| group.alerts.secrets()) {
        // systemd reads it for the unit (`LoadCredential=`). The password of the mail server is written once for all.
        let field = match secret.option {
            "passwordFile" => smtp.name("passwordFile"),
            option => receivers.name(secret.receiver.to_string()).name(option),
        };
        add(&secret.file, Reader::Root, field);
    }
    found
}
