//! Services in, configuration out.

mod client;
mod headers;
mod hosts;
mod proxied;
mod site;
mod stream;
mod target;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::directive::{Directive, Item};
use super::nginx::{Http, Nginx, dollar};
use super::own::OwnDirectives;
use super::serve::{Served, identifiers, served};
use super::virtual_host::TlsCertificate;
use super::{CERTIFICATE_DIRECTORY, Word};
use crate::model::{Certificate, FieldPath, Host, ProxiedService, Proxy, UpstreamAddress};
use crate::net::{Port, ServiceName, UpstreamHost};

/// The nginx configuration of a host; `None` where it has no proxy.
///
/// It takes checked hosts: where two services want the same place, the first by name has it, and a TCP service that is
/// exposed by path or domain has none.
pub fn compile(host: &Host) -> Option<Nginx> {
    let plan = Plan::new(host, host.proxy.as_ref()?);
    let mut http = plan.http();
    let dollar = dollar(&http.body());
    http.items.splice(..0, dollar);
    Some(Nginx {
        main: plan.main(),
        error_log: plan.proxy.error_log.as_ref().map(|path| Word::fixed(path.as_str())),
        events: plan.events(),
        http,
        stream: plan.stream(),
    })
}

/// What all parts of the compiler look at.
struct Plan<'a> {
    host: &'a Host,
    proxy: &'a Proxy,
    /// Names of upstream groups and zones.
    identifiers: BTreeMap<&'a ServiceName, String>,
    /// What comes in by way of tailscaled.
    served: Vec<Served<'a>>,
}

impl<'a> Plan<'a> {
    fn new(host: &'a Host, proxy: &'a Proxy) -> Self {
        Self {
            host,
            proxy,
            identifiers: identifiers(proxy),
            served: served(host),
        }
    }

    fn identifier(&self, service: &ProxiedService) -> String {
        // Every service of the proxy has one.
        self.identifiers.get(&service.name).cloned().unwrap_or_default()
    }

    fn field(&self, name: &str) -> FieldPath {
        self.host.field("network.proxy.nginx-tailscale").name(name)
    }

    fn http_services(&self) -> impl Iterator<Item = &'a ProxiedService> {
        self.proxy.services.values().filter(|service| service.is_http())
    }

    fn tcp_services(&self) -> impl Iterator<Item = &'a ProxiedService> {
        self.proxy.services.values().filter(|service| !service.is_http())
    }

    /// Whether nginx can have a port that no service asked for. It cannot where an upstream of this host listens, or
    /// where tailscaled does for Funnel: neither nginx nor the other would start (bind(2), `EADDRINUSE`).
    fn is_free(&self, port: Port) -> bool {
        let mut interfaces = self.host.interfaces.values().flat_map(|interface| &interface.addresses);
        let mut here = |host: &UpstreamHost| {
            host.is_loopback()
                || host
                    .address()
                    .is_some_and(|address| interfaces.any(|own| own.address() == address))
        };
        let mut services = self.proxy.services.values();
        !services.any(|service| {
            let upstream =
                matches!(&service.upstream.address, UpstreamAddress::Tcp(host, taken) if *taken == port && here(host));
            upstream || service.funnel == Some(port)
        })
    }

    /// The certificate of the node's own name and the names below it.
    fn node_certificate(&self) -> Option<TlsCertificate> {
        match &self.proxy.certificate {
            Certificate::None => None,
            Certificate::Acme => Some(TlsCertificate::Acme(self.proxy.node_name())),
            Certificate::Files { certificate, key } => Some(TlsCertificate::Files {
                chain: Word::file(certificate),
                key: Word::file(key),
            }),
            Certificate::Tailscale => {
                let file =
                    |suffix: &str| Word::data(&format!("{CERTIFICATE_DIRECTORY}/{}.{suffix}", self.proxy.node_name()));
                Some(TlsCertificate::Files {
                    chain: file("crt"),
                    key: file("key"),
                })
            }
        }
    }

    /// Who resolves the names of upstreams while nginx runs: `systemd-resolved` where the profile has it, else MagicDNS
    /// (<https://tailscale.com/kb/1081/magicdns>), which passes on what it does not know while the node accepts the
    /// tailnet's DNS settings.
    fn resolver(&self) -> IpAddr {
        let magic = self
            .host
            .tailscale
            .as_ref()
            .is_some_and(|tailscale| tailscale.magic_dns);
        if self.host.dns.is_some() || magic {
            IpAddr::V4(Ipv4Addr::new(127, 0, 0, 53))
        } else {
            IpAddr::V4(Ipv4Addr::new(100, 100, 100, 100))
        }
    }

    /// The main context. What the same file says in `services.nginx.appendConfig` is left to it.
    fn main(&self) -> Vec<Directive> {
        let Some(tuning) = &self.host.tuning else {
            return Vec::new();
        };
        let field = |name: &str| self.host.field("network.tuning.nginx").name(name);
        let nginx = &tuning.nginx;
        let processes = nginx
            .worker_processes
            .map_or("auto".into(), |number| Word::fixed(number.to_string()));
        let processes = Directive::new("worker_processes", [processes]).from(field("workerProcesses"));
        let files = nginx.worker_rlimit_nofile.map(|number| {
            Directive::new("worker_rlimit_nofile", [Word::fixed(number.to_string())]).from(field("workerRlimitNofile"))
        });
        let own = self.host.upstream.nginx_append_config.as_ref();
        let own = own.map(|(text, _)| OwnDirectives::of_text(text)).unwrap_or_default();
        let items = std::iter::once(processes)
            .chain(files)
            .filter(|directive| !own.has(directive.name));
        items.collect()
    }

    /// The `events` context.
    fn events(&self) -> Vec<Directive> {
        let Some(tuning) = &self.host.tuning else {
            return Vec::new();
        };
        let field = |name: &str| self.host.field("network.tuning.nginx").name(name);
        let connections = tuning.nginx.worker_connections.map(|number| {
            Directive::new("worker_connections", [Word::fixed(number.to_string())]).from(field("workerConnections"))
        });
        let accept = tuning
            .nginx
            .multi_accept
            .then(|| Directive::new("multi_accept", ["on"]).from(field("multiAccept")));
        connections.into_iter().chain(accept).collect()
    }

    fn http(&self) -> Http {
        let hosts = self.hosts();
        if hosts.is_empty() {
            return Http::default();
        }
        let upstreams = self
            .http_services()
            .filter_map(|service| self.http_group(service))
            .collect();
        let mut items: Vec<Item> = Vec::new();
        items.extend(self.connection_maps());
        items.extend(self.header_maps());
        items.extend(self.client_zones());
        Http {
            upstreams,
            names_bucket: names_bucket(hosts.iter().flat_map(|host| &host.names)),
            items,
            hosts,
        }
    }
}

/// The bucket size that the longest name needs, where nginx's usual 64 bytes are too few: nginx would not start.
/// (`ngx_hash.c`: a pointer, a length, the name, rounded up; and a pointer at the end of the bucket.)
fn names_bucket<'n>(names: impl Iterator<Item = &'n String>) -> Option<u32> {
    let longest = names.map(String::len).max()?;
    let needed = (longest + 2).next_multiple_of(8) + 16;
    let bucket = u32::try_from(needed.next_power_of_two()).ok()?;
    (bucket > 64).then_some(bucket)
}
