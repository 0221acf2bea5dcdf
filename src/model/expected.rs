//! What is to be found on the host once its profile is in force.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known_service::recognised;
use super::{Auth, Certificate, FileRef, Host, Listener, Protocol, ProxiedService, Proxy, UpstreamAddress};
use crate::net::{AbsolutePath, Port, Prefix, ServiceName, SocketPath, UpstreamHost};

/// What is to be found on the host: what `tsctl doctor` holds it against, and the services whose response times
/// `tsctl benchmark` measures. It names files that hold secrets, and nothing that is in them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Expected {
    /// Whether the zone firewall is to be loaded.
    #[serde(skip_serializing_if = "is_false")]
    pub zones: bool,
    /// Whether it offers itself as an exit node.
    #[serde(skip_serializing_if = "is_false")]
    pub exit_node: bool,
    /// Whether tailscaled answers SSH on port 22 of its tailnet addresses.
    #[serde(skip_serializing_if = "is_false")]
    pub tailscale_ssh: bool,
    /// The prefixes that it offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Prefix>,
    /// The TCP ports that nginx listens at for others.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub listens: BTreeSet<Port>,
    /// The services behind nginx, and where it reaches them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<ServiceName, ExpectedService>,
    /// The files that hold secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<ExpectedSecret>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A service behind nginx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedService {
    /// Where nginx reaches it.
    pub at: ServicePlace,
    /// The path of a question in HTTP in the clear that it answers while it is well; absent where something else is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Where a service is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    untagged,
    deny_unknown_fields
)]
pub enum ServicePlace {
    /// By TCP.
    Tcp {
        /// The host.
        host: UpstreamHost,
        /// The port.
        port: Port,
    },
    /// By a unix socket.
    Unix {
        /// Where it is.
        socket: SocketPath,
    },
}

/// A file that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedSecret {
    /// Where it is.
    pub path: AbsolutePath,
    /// Its permission bits in octal, `0400`; absent where somebody else sets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Its owner; absent where somebody else sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl Expected {
    /// What is to be found on that host.
    pub fn of(host: &Host) -> Self {
        let tailscale = host.tailscale.as_ref();
        let proxy = host.proxy.as_ref();
        Self {
            zones: host.zones.is_some(),
            exit_node: tailscale.is_some_and(|tailscale| tailscale.exit_node),
            tailscale_ssh: tailscale.is_some_and(|tailscale| tailscale.ssh),
            routes: tailscale.map_or_else(Vec::new, |tailscale| tailscale.routes().to_vec()),
            listens: proxy.map_or_else(BTreeSet::new, listens),
            services: proxy
                .iter()
                .flat_map(|proxy| &proxy.services)
                .map(|(name, service)| (name.clone(), ExpectedService::of(service)))
                .collect(),
            secrets: secrets(host),
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ExpectedService {
    fn of(service: &ProxiedService) -> Self {
        let known = recognised(service.name.as_str(), service.upstream.port());
        let path = known.and_then(|known| known.health_path).unwrap_or("/");
        Self {
            at: match &service.upstream.address {
                UpstreamAddress::Tcp(host, port) => ServicePlace::Tcp {
                    host: host.clone(),
                    port: *port,
                },
                UpstreamAddress::Unix(socket) => ServicePlace::Unix { socket: socket.clone() },
            },
            path: (service.upstream.protocol == Protocol::Http).then(|| path.to_owned()),
        }
    }
}

fn listens(proxy: &Proxy) -> BTreeSet<Port> {
    let services = proxy.services.values();
    services
        .filter_map(|service| match proxy.listener_of(service) {
            Listener::Port(port) => Some(port),
            Listener::Loopback => None,
        })
        .collect()
}

/// The secrets that sops-nix installs, then those that lie elsewhere.
fn secrets(host: &Host) -> Vec<ExpectedSecret> {
    let installed = host.secrets.secrets.values().filter_map(|secret| {
        Some(ExpectedSecret {
            path: format!("/run/secrets/{}", secret.name).parse().ok()?,
            mode: Some(secret.mode.to_string()),
            owner: Some(secret.owner.to_string()),
        })
    });
    let mut files: Vec<&FileRef> = Vec::new();
    files.extend(
        host.tailscale
            .iter()
            .filter_map(|tailscale| tailscale.auth_key.as_ref()),
    );
    if let Some(proxy) = &host.proxy {
        if let Certificate::Files { key, .. } = &proxy.certificate {
            files.push(key);
        }
        files.extend(proxy.services.values().filter_map(|service| match &service.auth {
            Auth::Basic(file) => Some(file),
            _ => None,
        }));
    }
    let elsewhere: BTreeSet<AbsolutePath> = files
        .into_iter()
        .filter_map(|file| match file {
            FileRef::Path(path) => Some(path.clone()),
            FileRef::Secret(name) if host.secrets.secrets.contains_key(name) => None,
            FileRef::Secret(name) => format!("/run/secrets/{name}").parse().ok(),
        })
        .collect();
    installed
        .chain(elsewhere.into_iter().map(|path| ExpectedSecret {
            path,
            mode: None,
            owner: None,
        }))
        .collect()
}
