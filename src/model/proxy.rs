//! `network.proxy.nginx-tailscale`: the reverse proxy as a whole.

use std::collections::BTreeMap;

use super::{Exposure, FileRef, Listener, ProxiedService, UpstreamAddress};
use crate::net::{AbsolutePath, DnsLabel, EmailAddress, Port, SecretName, ServiceName, TailnetDomain};

/// The nginx reverse proxy of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Proxy {
    /// `hostname`: the node's name in the tailnet.
    pub hostname: DnsLabel,
    /// `tailnetDomain`: the MagicDNS suffix of the tailnet.
    pub tailnet_domain: TailnetDomain,
    /// `enableHTTP3`; it means nothing without a certificate ([`Proxy::offers_http3`]).
    pub http3: bool,
    /// `enableConnectionPooling`: keep connections to the upstreams open.
    pub connection_pooling: bool,
    /// `upstreamKeepalive`: idle connections kept per upstream and worker (nginx `keepalive`).
    pub upstream_keepalive: u32,
    /// `enableSecurityHeaders`.
    pub security_headers: bool,
    /// `accessLog`; `None` turns it off.
    pub access_log: Option<AbsolutePath>,
    /// `errorLog`; `None` leaves nginx's default (the journal on NixOS).
    pub error_log: Option<AbsolutePath>,
    /// `certificate`: where the certificate of the node's own name comes from.
    pub certificate: Certificate,
    /// Whether the profile said so.
    pub certificate_asked: bool,
    /// `acme`: how certificates for own domains are ordered.
    pub acme: Option<AcmeDns>,
    /// The services by name, those of the preset included; only enabled ones.
    pub services: BTreeMap<ServiceName, ProxiedService>,
}

impl Proxy {
    /// Whether HTTP/3 is asked for and there is a certificate for it (QUIC is TLS).
    pub fn offers_http3(&self) -> bool {
        self.http3 && self.certificate != Certificate::None
    }

    /// The node's full name: `hostname.tailnetDomain`.
    /// (The lowering has checked that it is not too long.)
    pub fn node_name(&self) -> String {
        format!("{}.{}", self.hostname, self.tailnet_domain)
    }

    /// Whether the proxy speaks TLS for the node's own names on `port`. On 80 it never does: nobody expects it there.
    pub fn speaks_tls_on(&self, port: Port) -> bool {
        self.certificate != Certificate::None && port != Port::HTTP
    }

    /// The port of the node's own name without a port in the URL.
    pub fn web_port(&self) -> Port {
        if self.certificate == Certificate::None {
            Port::HTTP
        } else {
            Port::HTTPS
        }
    }

    /// Where the proxy listens for a service by TCP; where HTTP/3 is offered it listens on the same port by UDP too.
    pub fn listener_of(&self, service: &ProxiedService) -> Listener {
        match &service.exposure {
            Exposure::Port { port, .. } => Listener::Port(*port),
            Exposure::Path(_) => Listener::Port(self.web_port()),
            Exposure::Domain(_) => Listener::Port(Port::HTTPS),
            Exposure::TailscaleService => Listener::Loopback,
        }
    }

    /// How clients address a service: a URL, or `name:port` where HTTP is not spoken.
    pub fn address_of(&self, service: &ProxiedService) -> String {
        let (name, port, path) = match &service.exposure {
            Exposure::Port { port, .. } => (self.node_name(), Some(*port), "/"),
            Exposure::Path(path) => (self.node_name(), Some(self.web_port()), path.as_str()),
            Exposure::TailscaleService => (format!("{}.{}", service.label(), self.tailnet_domain), None, "/"),
            Exposure::Domain(domain) => (domain.to_string(), None, "/"),
        };
        if !service.is_http() {
            let port = port.or(match service.upstream.address {
                UpstreamAddress::Tcp(_, port) => Some(port),
                UpstreamAddress::Unix(_) => None,
            });
            return port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
        }
        let (scheme, usual) = match port {
            Some(port) if !self.speaks_tls_on(port) => ("http", Port::HTTP),
            _ => ("https", Port::HTTPS),
        };
        let port = port.filter(|port| *port != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{name}{port}{path}")
    }
}

/// Where the certificate of the node's own name comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Certificate {
    /// `tailscale cert`, renewed by a timer.
    Tailscale,
    /// ACME with the DNS-01 challenge of [`Proxy::acme`].
    Acme,
    /// Files that somebody else keeps.
    Files {
        /// The chain, PEM.
        certificate: FileRef,
        /// The private key, PEM, readable by nginx.
        key: FileRef,
    },
    /// None: plain HTTP on the tailnet (WireGuard still encrypts it).
    None,
}

/// ACME with DNS-01 (`security.acme`).
#[derive(Debug, Clone, PartialEq)]
pub struct AcmeDns {
    /// The account's address.
    pub email: EmailAddress,
    /// lego's name of the DNS provider.
    pub dns_provider: ServiceName,
    /// lego's credential variables (ending in `_FILE`) and the secret that each names.
    pub credentials: BTreeMap<String, SecretName>,
}
