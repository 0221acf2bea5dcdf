//! `network.proxy.nginx-tailscale.services.<name>`.

use super::Scope;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::known_service::{self, ApplicationProtocol, KnownService};
use crate::model::{Auth, Exposure, PortReason, Protocol, ProxiedService, Upstream, UpstreamAddress};
use crate::net::{Port, ServiceName, TimeSpan, UpstreamHost};
use crate::profile::written::{self, AuthKind, Expose, ServiceProtocol};

/// Between the upstream's port and the proxy's default port for it: both cannot have the same, as the proxy listens on
/// every address and the upstream on loopback.
const PORT_DISTANCE: u16 = 10_000;
/// nginx's own default (`proxy_read_timeout`).
const DEFAULT_TIMEOUT: TimeSpan = TimeSpan::constant_millis(60_000);
/// A long answer of a language model may pause for minutes, and a database's connection waits idle in a pool.
const STREAM_TIMEOUT: TimeSpan = TimeSpan::constant_millis(3_600_000);
/// Where a public port is needed and none is said.
const FUNNEL_PORT: Port = Port::HTTPS;

pub(super) fn service(
    scope: &mut Scope<'_>,
    name: ServiceName,
    written: written::Service,
    origin: FieldPath,
) -> Option<ProxiedService> {
    let known = known_service::known(name.as_str());
    let upstream = upstream(scope, known, &written, &origin)?;
    let exposure = exposure(scope, &name, &written, &upstream, &origin)?;
    let recognised = known_service::recognised(name.as_str(), upstream.port());
    let streaming = written
        .streaming
        .unwrap_or(recognised.is_some_and(|known| known.streaming));
    let auth = auth(scope, &written, &origin)?;
    let funnel = match (written.funnel, written.funnel_port) {
        (Some(true), port) => Some(port.unwrap_or(FUNNEL_PORT)),
        _ => None,
    };
    let rate_limit_burst = written.rate_limit_burst.unwrap_or_else(|| default_burst(&written));
    let timeout = match written.timeout {
        Some(timeout) => timeout.0,
        None if streaming || upstream.protocol == Protocol::Tcp => STREAM_TIMEOUT,
        None => DEFAULT_TIMEOUT,
    };
    Some(ProxiedService {
        name,
        exposure,
        subdomain: written.subdomain,
        upstream,
        streaming,
        rate_limit_burst,
        rate_limit: written.rate_limit,
        max_body_size: written.max_body_size,
        timeout,
        websocket: written
            .enable_web_socket
            .unwrap_or(recognised.is_some_and(|known| known.websocket)),
        auth,
        extra_config: written.extra_config,
        funnel,
        acknowledged: written.acknowledge.unwrap_or_default(),
        origin,
    })
}

/// Twice what the rate lets through in a second, and five at least: a page with its style sheets is one click.
fn default_burst(written: &written::Service) -> u32 {
    let per_second = written.rate_limit.map_or(0, |rate| rate.per_minute().div_ceil(60));
    per_second.saturating_mul(2).max(5)
}

fn upstream(
    scope: &mut Scope<'_>,
    known: Option<&KnownService>,
    written: &written::Service,
    origin: &FieldPath,
) -> Option<Upstream> {
    let protocol = match written.protocol {
        Some(ServiceProtocol::Http) => Protocol::Http,
        Some(ServiceProtocol::Https) => Protocol::Https,
        Some(ServiceProtocol::Tcp) => Protocol::Tcp,
        None => known.map_or(Protocol::Http, spoken_by),
    };
    let host = written.upstream_host.as_deref().unwrap_or("127.0.0.1");
    if let Some(socket) = &written.upstream_socket {
        if written.upstream_host.is_some() || written.upstream_port.is_some() {
            let message = "the upstream is either a unix socket or a host and port";
            let finding = Finding::new(Code::InvalidValue, origin.name("upstreamSocket"), message);
            let other = if written.upstream_port.is_some() {
                "upstreamPort"
            } else {
                "upstreamHost"
            };
            scope.add(
                finding
                    .with(origin.name(other), "and here is the other")
                    .help("keep one of them"),
            );
        }
        let address = UpstreamAddress::Unix(socket.clone());
        return Some(Upstream { address, protocol });
    }
    if let Some(path) = host.strip_prefix("unix:") {
        let field = origin.name("upstreamHost");
        if written.upstream_port.is_some() {
            let message = "a unix socket has no port; the port is not used";
            let finding = Finding::new(Code::UnixUpstreamWithPort, field.clone(), message);
            let finding = finding.with(origin.name("upstreamPort"), "this port means nothing here");
            scope.add(finding.help(format!("write `upstreamSocket = {path:?}` instead of host and port")));
        }
        let path = scope.accept(path.parse(), &field)?;
        let address = UpstreamAddress::Unix(path);
        return Some(Upstream { address, protocol });
    }
    let host = scope.accept(host.parse::<UpstreamHost>(), &origin.name("upstreamHost"))?;
    let Some(port) = written.upstream_port.or_else(|| {
        known
            .and_then(KnownService::main_endpoint)
            .map(|endpoint| endpoint.port)
    }) else {
        let why = "it is not said where the service listens, and its name is none of the known ones";
        scope.missing(
            origin,
            "upstreamPort",
            why,
            "write `upstreamPort = 8000`, or `upstreamSocket`",
        );
        return None;
    };
    let address = UpstreamAddress::Tcp(host, port);
    Some(Upstream { address, protocol })
}

fn exposure(
    scope: &mut Scope<'_>,
    name: &ServiceName,
    written: &written::Service,
    upstream: &Upstream,
    origin: &FieldPath,
) -> Option<Exposure> {
    let choice = written.expose.unwrap_or(match written {
        written::Service { domain: Some(_), .. } => Expose::Domain,
        written::Service { path: Some(_), .. } => Expose::Path,
        _ => Expose::Port,
    });
    match choice {
        Expose::Path => {
            let path = written.path.clone().unwrap_or_else(|| format!("/{name}/"));
            location(scope, &path, origin).map(Exposure::Path)
        }
        Expose::Service => Some(Exposure::TailscaleService),
        Expose::Domain => {
            if let Some(domain) = written.domain.clone() {
                return Some(Exposure::Domain(domain));
            }
            scope.missing(
                origin,
                "domain",
                "the service is to have a domain of its own",
                "write `domain = \"ai.example.org\"`",
            );
            None
        }
        Expose::Port | Expose::Subdomain => {
            let reason = match (written.expose, written.port) {
                (Some(Expose::Subdomain), _) => PortReason::SubdomainAsked,
                (None, None) => PortReason::Default,
                _ => PortReason::Asked,
            };
            let port = written.port.or_else(|| match &upstream.address {
                UpstreamAddress::Tcp(_, port) => default_port(*port),
                // A socket has no port; one that is written beside it by mistake still tells what the author calls the service.
                UpstreamAddress::Unix(_) => written.upstream_port.and_then(default_port),
            });
            let Some(port) = port else {
                let why = "a service behind a unix socket has no port that the proxy's could follow from";
                scope.missing(origin, "port", why, "write `port = 8443`, or `expose = \"path\"`");
                return None;
            };
            Some(Exposure::Port { port, reason })
        }
    }
}

/// What the proxy speaks with a known service. UDP cannot be proxied this way; [`Protocol::Tcp`] then lets a rule complain.
fn spoken_by(known: &KnownService) -> Protocol {
    match known.main_endpoint().map(|endpoint| endpoint.protocol) {
        Some(ApplicationProtocol::Http) | None => Protocol::Http,
        Some(ApplicationProtocol::Https) => Protocol::Https,
        Some(ApplicationProtocol::Tcp | ApplicationProtocol::Udp) => Protocol::Tcp,
    }
}

/// The upstream's port plus 10000; minus 10000 where that is no port.
fn default_port(upstream: Port) -> Option<Port> {
    let number = upstream.get();
    let shifted = number
        .checked_add(PORT_DISTANCE)
        .unwrap_or_else(|| number.saturating_sub(PORT_DISTANCE));
    Port::new(shifted)
}

/// `/`, or `/a/b/`: begins and ends with a slash, of characters that mean nothing to nginx.
fn location(scope: &mut Scope<'_>, written: &str, origin: &FieldPath) -> Option<String> {
    let plain = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~'))
    };
    let inner = written.trim_matches('/');
    if written.starts_with('/') && (inner.is_empty() || inner.split('/').all(plain)) {
        return Some(if inner.is_empty() {
            "/".to_owned()
        } else {
            format!("/{inner}/")
        });
    }
    let message = format!(
        "{written:?} is no path: expected `/`, or names of letters, digits, `.`, `_`, `-`, `~` between slashes"
    );
    scope.add(Finding::new(Code::InvalidValue, origin.name("path"), message));
    None
}

fn auth(scope: &mut Scope<'_>, written: &written::Service, origin: &FieldPath) -> Option<Auth> {
    let file = written.auth_file.clone();
    match (written.auth, written.enable_auth, file) {
        (Some(AuthKind::Basic), _, Some(file)) | (None, Some(true) | None, Some(file)) => Some(Auth::Basic(file)),
        (Some(AuthKind::Basic), _, None) => {
            let why = "basic authentication needs a file of user names and password hashes";
            let help = "write `authFile = config.sops.secrets.\"NAME\".path` (made by `htpasswd -B`), or `auth = \"tailscale\"`";
            scope.missing(origin, "authFile", why, help);
            None
        }
        (Some(AuthKind::Tailscale), _, _) => Some(Auth::Tailscale { asked: true }),
        (Some(AuthKind::None), Some(true), _) => {
            let message = "`auth = \"none\"` and `enableAuth = true` say the opposite of each other";
            let finding = Finding::new(Code::InvalidValue, origin.name("auth"), message);
            scope.add(
                finding
                    .with(origin.name("enableAuth"), "wanted here")
                    .help("keep one of them"),
            );
            None
        }
        (Some(AuthKind::None), _, _) | (None, Some(false), _) | (None, None, None) => Some(Auth::None),
        (None, Some(true), None) => Some(Auth::Tailscale { asked: false }),
    }
}
