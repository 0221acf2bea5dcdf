//! `network.proxy`.

use std::collections::BTreeMap;

use super::{FileRef, Seconds, group, words};
use crate::net::{
    AbsolutePath, ByteSize, DnsLabel, DnsName, EmailAddress, NginxDirectives, Port, RequestRate, SecretName,
    ServiceName, SocketPath, TailnetDomain,
};

group! {
    /// Reverse proxies.
    pub struct Proxies {
        /// The nginx reverse proxy.
        #[serde(rename = "nginx-tailscale")]
        pub nginx_tailscale: Option<NginxTailscale>,
        /// The guide's preset: Tailscale and the proxy with ollama, llama.cpp and PostgreSQL.
        #[serde(rename = "tailscale-services")]
        pub tailscale_services: Option<TailscaleServices>,
    }
}

group! {
    /// The guide's preset.
    pub struct TailscaleServices {
        /// Whether the preset is used.
        pub enable: Option<bool>,
        /// The MagicDNS suffix of the tailnet.
        pub tailnet_domain: Option<TailnetDomain>,
    }
}

group! {
    /// The nginx reverse proxy.
    pub struct NginxTailscale {
        /// Whether the proxy runs.
        pub enable: Option<bool>,
        /// The node's name in the tailnet; that of `network.vpn.tailscale` by default.
        pub hostname: Option<DnsLabel>,
        /// The MagicDNS suffix of the tailnet.
        pub tailnet_domain: Option<TailnetDomain>,
        /// Whether HTTP/3 is offered besides HTTP/1.1 and HTTP/2; needs a certificate.
        #[serde(rename = "enableHTTP3")]
        pub enable_http3: Option<bool>,
        /// Whether connections to the upstreams are kept open; true by default.
        pub enable_connection_pooling: Option<bool>,
        /// Idle connections kept per upstream and worker, 1 to 4096; 32 by default.
        #[schemars(range(min = 1, max = 4096))]
        pub upstream_keepalive: Option<u32>,
        /// Whether security headers are sent; true by default.
        pub enable_security_headers: Option<bool>,
        /// The access log's file; `off` turns it off.
        pub access_log: Option<String>,
        /// The error log's file; the journal by default.
        pub error_log: Option<AbsolutePath>,
        /// Where the certificate of the node's own name comes from; `tailscale` by default.
        pub certificate: Option<Certificate>,
        /// With `certificate = "files"`: the chain, PEM.
        pub certificate_file: Option<FileRef>,
        /// With `certificate = "files"`: the private key, PEM, readable by nginx.
        pub certificate_key_file: Option<FileRef>,
        /// How certificates are ordered by ACME with the DNS-01 challenge.
        pub acme: Option<Acme>,
        /// The services by name.
        pub services: Option<BTreeMap<ServiceName, Service>>,
    }
}

group! {
    /// ACME with the DNS-01 challenge.
    pub struct Acme {
        /// The account's address.
        pub email: Option<EmailAddress>,
        /// lego's name of the DNS provider, such as `cloudflare`.
        pub dns_provider: Option<ServiceName>,
        /// lego's credential variables (`CF_DNS_API_TOKEN_FILE`) and the name of the secret for each.
        pub credentials: Option<BTreeMap<String, SecretName>>,
    }
}

words! {
    /// Where the certificate of the node's own name comes from.
    pub enum Certificate {
        /// `tailscale cert`.
        Tailscale,
        /// ACME with DNS-01; see `acme`.
        Acme,
        /// `certificateFile` and `certificateKeyFile`.
        Files,
        /// No TLS.
        None,
    }
}

group! {
    /// One service behind the proxy.
    pub struct Service {
        /// Whether it is offered; true by default for a service that is written.
        pub enable: Option<bool>,
        /// A further server name below the node's. It resolves on headscale with a node attribute, not on hosted Tailscale.
        pub subdomain: Option<DnsLabel>,
        /// How clients reach it: by `path`, by `port` (the default), as a Tailscale `service`, or by an own `domain`.
        pub expose: Option<Expose>,
        /// With `expose = "path"`: the path; `/NAME/` by default.
        pub path: Option<String>,
        /// With `expose = "port"`: the proxy's port; by default the upstream's plus 10000.
        pub port: Option<Port>,
        /// With `expose = "domain"`: the domain.
        pub domain: Option<DnsName>,
        /// The upstream's host; `127.0.0.1` by default. `unix:/PATH` means a unix socket.
        pub upstream_host: Option<String>,
        /// The upstream's port; the known service's by default.
        pub upstream_port: Option<Port>,
        /// The upstream's unix socket, instead of host and port.
        pub upstream_socket: Option<SocketPath>,
        /// What the upstream speaks; the known service's by default, else `http`.
        pub protocol: Option<ServiceProtocol>,
        /// Whether answers are streamed: no buffering, long time-outs. True by default for known LLM services.
        pub streaming: Option<bool>,
        /// Requests per client address: `20r/s`, `300r/m`.
        pub rate_limit: Option<RequestRate>,
        /// Requests above the rate that are still served at once; twice the rate by default.
        pub rate_limit_burst: Option<u32>,
        /// The largest request body: `500M`.
        pub max_body_size: Option<ByteSize>,
        /// How long the upstream may be silent, in seconds or with a unit; 60 s by default, an hour for streams and TCP.
        pub timeout: Option<Seconds>,
        /// Whether WebSocket upgrades are passed on; true by default for known services that need them.
        pub enable_web_socket: Option<bool>,
        /// Whether callers must prove who they are.
        pub enable_auth: Option<bool>,
        /// The htpasswd file for basic authentication, readable by nginx.
        pub auth_file: Option<FileRef>,
        /// How callers prove who they are: `none`, `basic` (with `authFile`), or `tailscale`.
        pub auth: Option<AuthKind>,
        /// nginx directives for the service's location, as they are.
        pub extra_config: Option<NginxDirectives>,
        /// Whether the service is reachable from the public internet through Tailscale Funnel.
        pub funnel: Option<bool>,
        /// The public port of `funnel`: 443, 8443 or 10000; 443 by default.
        pub funnel_port: Option<Port>,
        /// Dangers that are accepted by name, such as `docker-socket`.
        pub acknowledge: Option<Vec<String>>,
    }
}

words! {
    /// How clients reach a service.
    pub enum Expose {
        /// `https://node.tailnet/path/`.
        Path,
        /// `https://node.tailnet:port/`.
        Port,
        /// A Tailscale Service with a name and certificate of its own.
        Service,
        /// An own domain.
        Domain,
        /// `subdomain.node.tailnet`, which hosted Tailscale does not resolve.
        Subdomain,
    }
}

words! {
    /// What an upstream speaks.
    pub enum ServiceProtocol {
        /// HTTP/1.1 in clear.
        Http,
        /// HTTP/1.1 over TLS.
        Https,
        /// Bytes.
        Tcp,
    }
}

words! {
    /// How callers prove who they are.
    pub enum AuthKind {
        /// They need not.
        None,
        /// User name and password.
        Basic,
        /// tailscaled knows them.
        Tailscale,
    }
}
