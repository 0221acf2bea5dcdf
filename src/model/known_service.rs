//! The registry of known services: which ports a name means, and how a proxy must treat what answers there.

mod table;
#[cfg(test)]
mod tests;

use crate::diagnostic::nearest as nearest_of;
use crate::net::{Port, PortRange, Transport};

/// What a service is called, where it listens unless told otherwise, and what a proxy in front of it must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownService {
    /// The name that this registry uses: lower case, with hyphens.
    pub name: &'static str,
    /// Other names for the same thing.
    pub aliases: &'static [&'static str],
    /// Where clients connect, the main place first; never empty. Ports between the members of a cluster are left out.
    pub endpoints: &'static [Endpoint],
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Whether answers come in small pieces over a long time (tokens of a language model, events), so that a proxy must
    /// neither buffer them nor cut them off.
    pub streaming: bool,
    /// Whether clients need WebSocket or another `Upgrade` (RFC 9110 §7.8).
    pub websocket: bool,
    /// Whether it works, without any setting of its own, below a path that the proxy strips (`/ollama/…`). Interfaces for
    /// programs mostly do; web applications with absolute links do not.
    pub tolerates_path_prefix: bool,
    /// Whether it answers, while it listens on loopback, only requests for `localhost`: its own guard against DNS rebinding.
    /// Behind a proxy that guards by name itself it has to be told that name.
    pub wants_localhost: bool,
    /// A path that answers 200 to an unauthenticated `GET` while the service is well.
    pub health_path: Option<&'static str>,
}

/// A port of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The port that the service has unless its settings say otherwise.
    pub port: Port,
    /// What it speaks there.
    pub protocol: ApplicationProtocol,
}

impl Endpoint {
    /// The transport that the protocol runs on.
    pub const fn transport(&self) -> Transport {
        match self.protocol {
            ApplicationProtocol::Udp => Transport::Udp,
            ApplicationProtocol::Http | ApplicationProtocol::Https | ApplicationProtocol::Tcp => Transport::Tcp,
        }
    }
}

/// What is spoken at a port, as far as a proxy cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicationProtocol {
    /// HTTP in the clear.
    Http,
    /// HTTP over TLS.
    Https,
    /// Something else over TCP (gRPC, which needs its own kind of proxying, among it).
    Tcp,
    /// Something over UDP.
    Udp,
}

impl ApplicationProtocol {
    /// Whether a reverse proxy for HTTP can stand in front of it.
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

impl KnownService {
    /// Where clients connect first of all.
    pub fn main_endpoint(&self) -> Option<&'static Endpoint> {
        self.endpoints.first()
    }

    /// The ports that it has unless its settings say otherwise.
    pub fn ports(&self) -> Vec<(Transport, PortRange)> {
        let endpoints = self.endpoints.iter();
        endpoints
            .map(|endpoint| (endpoint.transport(), endpoint.port.into()))
            .collect()
    }

    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// The service that is called `name` (exactly; an alias will do).
pub fn known(name: &str) -> Option<&'static KnownService> {
    match table::SERVICES.binary_search_by(|service| service.name.cmp(name)) {
        Ok(position) => table::SERVICES.get(position),
        Err(_) => table::SERVICES.iter().find(|service| service.aliases.contains(&name)),
    }
}

/// All known services, sorted by name.
pub fn all() -> &'static [KnownService] {
    table::SERVICES
}

/// The known name or alias nearest to a wrong one, if one is near.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(table::SERVICES.iter().flat_map(KnownService::names), name)
}

/// The services that have this port unless told otherwise, sorted by name.
pub fn by_port(transport: Transport, port: Port) -> impl Iterator<Item = &'static KnownService> {
    table::SERVICES.iter().filter(move |service| {
        service
            .endpoints
            .iter()
            .any(|endpoint| endpoint.port == port && endpoint.transport() == transport)
    })
}

/// The service that stands behind a proxy under `name` at `port`: the known one of that name, else the only one that has
/// this TCP port unless told otherwise.
pub fn recognised(name: &str, port: Option<Port>) -> Option<&'static KnownService> {
    known(name).or_else(|| {
        let mut there = by_port(Transport::Tcp, port?);
        there.next().filter(|_| there.next().is_none())
    })
}

/// The service that a TCP port is well known for, if what is spoken there is not HTTP and no known service speaks HTTP
/// there: putting an HTTP proxy in front of such a port cannot work. A service's further ports are known to nobody by
/// their numbers (8001 of an inference server is any application's).
pub fn not_http(port: Port) -> Option<&'static KnownService> {
    let mut found = None;
    for service in by_port(Transport::Tcp, port) {
        let mut here = service.endpoints.iter().filter(|endpoint| endpoint.port == port);
        if here.any(|endpoint| endpoint.protocol.is_http()) {
            return None;
        }
        let main = service.main_endpoint().is_some_and(|endpoint| endpoint.port == port);
        found = found.or(main.then_some(service));
    }
    found
}
