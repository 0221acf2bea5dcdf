//! What tailscaled itself serves: Tailscale Services and Funnel, each forwarded to the proxy on a loopback port.

use std::collections::{BTreeMap, BTreeSet};

use super::virtual_host::Listen;
use crate::model::{Exposure, Host, ProxiedService, Proxy, UpstreamAddress};
use crate::net::{Port, ServiceName};

/// One service that tailscaled terminates TLS for and hands to the proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct Served<'a> {
    /// The service.
    pub service: &'a ProxiedService,
    /// How tailscaled offers it.
    pub way: Way,
    /// Where the proxy waits for it, on `127.0.0.1`.
    pub backend: Port,
}

/// How tailscaled offers a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// As the Tailscale Service `svc:LABEL`, on this port.
    Service(Port),
    /// To the public internet by Funnel, on this port of the node's name.
    Funnel(Port),
}

/// First of the loopback ports: below Linux's ephemeral range (32768-60999) and above the ports that services choose.
const FIRST: u16 = 20_480;
/// How many there are.
const COUNT: u16 = 4_096;

/// What tailscaled has to serve, by service. Backends depend on the names of services first of all: a service that is
/// added or removed leaves the others' where they are, unless two names meet on one port.
pub fn served(host: &Host) -> Vec<Served<'_>> {
    let Some(proxy) = &host.proxy else {
        return Vec::new();
    };
    let mut taken = taken(proxy);
    let mut found = Vec::new();
    for service in proxy.services.values() {
        let own = matches!(service.exposure, Exposure::TailscaleService).then(|| Way::Service(service_port(service)));
        let public = service.funnel.map(Way::Funnel);
        for way in own.into_iter().chain(public) {
            if let Some(backend) = backend(&service.name, way, &mut taken) {
                found.push(Served { service, way, backend });
            }
        }
    }
    found
}

impl Served<'_> {
    /// Where the proxy listens for it.
    pub(super) fn listen(&self) -> Listen {
        Listen::loopback(self.backend)
    }
}

/// The port of a Tailscale Service: 443 for HTTP; the upstream's for everything else, as clients expect it there. (A unix
/// socket has none: 443.)
fn service_port(service: &ProxiedService) -> Port {
    match service.upstream.address {
        UpstreamAddress::Tcp(_, port) if !service.is_http() => port,
        _ => Port::HTTPS,
    }
}

/// Ports that something of this host has already.
fn taken(proxy: &Proxy) -> BTreeSet<Port> {
    let mut taken = BTreeSet::new();
    for service in proxy.services.values() {
        if let UpstreamAddress::Tcp(_, port) = service.upstream.address {
            taken.insert(port);
        }
        if let Exposure::Port { port, .. } = service.exposure {
            taken.insert(port);
        }
    }
    taken
}

/// The first free port at or after the one that the name stands for; `None` once all 4,096 are taken.
fn backend(name: &ServiceName, way: Way, taken: &mut BTreeSet<Port>) -> Option<Port> {
    let kind = match way {
        Way::Service(_) => "service",
        Way::Funnel(_) => "funnel",
    };
    let start = u16::try_from(fnv1a(&format!("{kind}:{name}")) % u32::from(COUNT)).unwrap_or(0);
    let port = (0..COUNT)
        .filter_map(|step| Port::new(FIRST + (start + step) % COUNT))
        .find(|port| !taken.contains(port))?;
    taken.insert(port);
    Some(port)
}

/// The 32-bit hash FNV-1a (draft-eastlake-fnv §2): short, and the same on every machine.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A short name for each service, unique whatever the case (nginx compares names of upstreams without it).
pub(super) fn identifiers(proxy: &Proxy) -> BTreeMap<&ServiceName, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for name in proxy.services.keys() {
        let lower = name.as_str().to_ascii_lowercase();
        let mut candidate = format!("tailwright_{lower}");
        let mut number = 2_u32;
        while !taken.insert(candidate.clone()) {
            candidate = format!("tailwright_{lower}.{number}");
            number = number.saturating_add(1);
        }
        names.insert(name, candidate);
    }
    names
}
