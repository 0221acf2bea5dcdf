//! `network.proxy.nginx-tailscale.services.<name>`: one service behind the proxy.

use super::{FieldPath, FileRef};
use crate::net::{
    ByteSize, DnsLabel, DnsName, NginxDirectives, Port, RequestRate, ServiceName, SocketPath, TimeSpan, UpstreamHost,
};

/// One enabled service behind the proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxiedService {
    /// Its name.
    pub name: ServiceName,
    /// What is answerable for it: its own group, or the preset that brought it.
    pub origin: FieldPath,
    /// How clients reach it.
    pub exposure: Exposure,
    /// `subdomain`: kept as a further server name (`subdomain.node.tailnet`), which resolves on headscale only.
    pub subdomain: Option<DnsLabel>,
    /// Where its requests go.
    pub upstream: Upstream,
    /// `streaming`: no buffering and long time-outs.
    pub streaming: bool,
    /// `rateLimit` per client address.
    pub rate_limit: Option<RequestRate>,
    /// `rateLimitBurst`: requests above the rate that are still served.
    pub rate_limit_burst: u32,
    /// `maxBodySize`.
    pub max_body_size: Option<ByteSize>,
    /// `timeout` for reading from and sending to the upstream.
    pub timeout: TimeSpan,
    /// `enableWebSocket`.
    pub websocket: bool,
    /// Who may use it.
    pub auth: Auth,
    /// `extraConfig`: nginx directives for its location, as written.
    pub extra_config: Option<NginxDirectives>,
    /// `funnel`: reachable from the public internet on this port of the node's name.
    pub funnel: Option<Port>,
    /// `acknowledge`: dangers that the author has accepted by name (`docker-socket`).
    pub acknowledged: Vec<String>,
}

impl ProxiedService {
    /// Whether HTTP is spoken with its clients.
    pub fn is_http(&self) -> bool {
        self.upstream.protocol != Protocol::Tcp
    }

    /// Its name as a Tailscale Service (`svc:NAME`) and as a label of a DNS name: lower case, hyphens for underscores.
    pub fn label(&self) -> String {
        let label = self.name.as_str().to_ascii_lowercase().replace('_', "-");
        label.trim_end_matches('-').to_owned()
    }

    /// The path of one of its options.
    pub fn field(&self, name: &str) -> FieldPath {
        self.origin.name(name)
    }
}

/// Where the proxy listens for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// A port of every address of the host.
    Port(Port),
    /// A loopback socket that only tailscaled speaks to.
    Loopback,
}

/// How clients reach a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exposure {
    /// `https://node.tailnet:PORT/`.
    Port {
        /// The port of the proxy.
        port: Port,
        /// Why by port.
        reason: PortReason,
    },
    /// `https://node.tailnet/PATH/`; the prefix is taken off before the upstream sees the request.
    Path(String),
    /// A Tailscale Service `svc:NAME` with a name and certificate of its own.
    TailscaleService,
    /// An own domain with split DNS and an ACME certificate.
    Domain(DnsName),
}

/// Why a service is exposed by port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortReason {
    /// The profile asked for it.
    Asked,
    /// The profile did not say (the guide's own form: `subdomain` alone, or nothing).
    Default,
    /// The profile asked for the sub-name, which hosted Tailscale does not resolve.
    SubdomainAsked,
}

/// What is spoken with the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 in clear.
    Http,
    /// HTTP/1.1 over TLS; the certificate is not verified (it is the host's own).
    Https,
    /// Bytes: rendered as an nginx `stream` server.
    Tcp,
}

impl Protocol {
    /// `http`, `https`, `tcp`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
        }
    }
}

/// Where the requests of a service go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// The socket.
    pub address: UpstreamAddress,
    /// What is spoken on it.
    pub protocol: Protocol,
}

impl Upstream {
    /// Its port; a unix socket has none.
    pub const fn port(&self) -> Option<Port> {
        match self.address {
            UpstreamAddress::Tcp(_, port) => Some(port),
            UpstreamAddress::Unix(_) => None,
        }
    }
}

/// The socket of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamAddress {
    /// Host and port.
    Tcp(UpstreamHost, Port),
    /// A unix socket.
    Unix(SocketPath),
}

/// Who may use a service.
#[derive(Debug, Clone, PartialEq)]
pub enum Auth {
    /// Whoever reaches it.
    None,
    /// Whoever tailscaled knows (`tailscale-nginx-auth` asks for the caller's identity).
    Tailscale {
        /// Whether the profile said so; otherwise it only said `enableAuth` and named no file.
        asked: bool,
    },
    /// Basic authentication against an htpasswd file.
    Basic(FileRef),
}
