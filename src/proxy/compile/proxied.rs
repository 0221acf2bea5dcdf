//! The location of a service.

use super::Plan;
use super::site::Site;
use crate::model::{Auth, Protocol, ProxiedService, known_service};
use crate::net::ByteSize;
use crate::proxy::directive::{Directive, Item};
use crate::proxy::location::{Answer, Location, Matching};
use crate::proxy::own::OwnDirectives;
use crate::proxy::word::{Word, in_regex};

/// Where a host asks who a caller is.
pub(super) const IDENTITY: &str = "/_tailwright/identity";
/// The socket of tailscale-nginx-auth (NixOS's `services.tailscaleAuth.socketPath`).
const IDENTITY_SOCKET: &str = "http://unix:/run/tailscale-nginx-auth/tailscale-nginx-auth.sock";

/// How long a connection to an upstream may take: it is on this host or next to it.
const CONNECT: &str = "5s";
/// The largest request body where the profile says nothing: NixOS's default.
const BODY: &str = "10m";
/// The same in bytes.
const BODY_BYTES: u64 = 10 << 20;

impl Plan<'_> {
    /// The location of `service` at `site`, and the one that leads to it from its path without the final slash.
    /// `host_headers` are the host's response headers.
    pub(super) fn locations(&self, service: &ProxiedService, site: &Site<'_>, host_headers: &[Item]) -> Vec<Location> {
        let own = service.extra_config.as_ref();
        let own_directives = own.map(OwnDirectives::of).unwrap_or_default();
        let mut items = self.own_part(service, site);
        // Said once at this level, all of the host's are gone here (gotcha of both directives): they are said again.
        for name in ["add_header", "proxy_hide_header"] {
            if own_directives.has(name) {
                let again = host_headers
                    .iter()
                    .filter(|item| matches!(item, Item::Directive(directive) if directive.name == name));
                items.extend(again.cloned());
            }
        }
        items = own_directives.make_room(items);
        items.extend(own.cloned().map(Item::Own));
        let answer = if own_directives.has("proxy_pass") {
            Answer::Own
        } else {
            self.answer(service, site)
        };
        let password_file = match &service.auth {
            Auth::Basic(file) => Some(Word::file(file)),
            Auth::None | Auth::Tailscale { .. } => None,
        };
        let location = Location {
            matching: Matching::Prefix,
            path: site.prefix.to_owned(),
            answer,
            password_file,
            items,
            origin: Some(service.origin.clone()),
        };
        let without_slash = (site.prefix != "/").then(|| Location {
            matching: Matching::Exact,
            path: site.prefix.trim_end_matches('/').to_owned(),
            answer: Answer::Return(
                "308",
                Some(Word::from("$scheme://$host").then(site.prefix).code("$is_args$args")),
            ),
            password_file: None,
            items: Vec::new(),
            origin: Some(service.origin.clone()),
        });
        std::iter::once(location).chain(without_slash).collect()
    }

    /// Where the requests go. With an upstream group the location's prefix is replaced by what stands behind the group's
    /// name; a variable leaves the path as it is, so the rewrite takes the prefix off.
    fn answer(&self, service: &ProxiedService, site: &Site<'_>) -> Answer {
        let scheme = service.upstream.protocol.as_str();
        if Self::named(service).is_some() {
            return Answer::ProxyPass("$tailwright_upstream".into());
        }
        let path = if site.prefix == "/" { "" } else { "/" };
        Answer::ProxyPass(Word::data(&format!("{scheme}://{}{path}", self.identifier(service))))
    }

    fn own_part(&self, service: &ProxiedService, site: &Site<'_>) -> Vec<Item> {
        let body = service
            .max_body_size
            .map_or(BODY.into(), |size| Word::fixed(size.to_string()));
        let mut items: Vec<Item> = vec![
            Directive::new("client_max_body_size", [body])
                .from(service.field("maxBodySize"))
                .into(),
        ];
        items.extend(self.limit(service));
        if matches!(service.auth, Auth::Tailscale { .. }) {
            items.extend(identity_of_caller(service));
        }
        items.extend(self.at_upstream(service, site));
        items.push(Directive::new("proxy_http_version", ["1.1"]).into());
        items.extend(self.request_headers(service, site));
        items.extend(waiting(service));
        items.extend(redirects(site));
        if wants_localhost(service) {
            // What it believes to be called is nothing to its clients. nginx puts the host's own name before the path.
            let from: Word = "http://localhost/".into();
            items.push(Directive::new("proxy_redirect", [from, Word::data(site.prefix)]).into());
        }
        items
    }

    fn limit(&self, service: &ProxiedService) -> Vec<Item> {
        if service.rate_limit.is_none() {
            return Vec::new();
        }
        let zone = Word::fixed(format!("zone={}", self.identifier(service)));
        let mut limit = Directive::new("limit_req", [zone]).from(service.field("rateLimit"));
        if service.rate_limit_burst > 0 {
            limit = limit
                .with(Word::fixed(format!("burst={}", service.rate_limit_burst)))
                .with("nodelay");
        }
        vec![limit.into(), Directive::new("limit_req_status", ["429"]).into()]
    }

    /// What an upstream with a name or with TLS needs.
    fn at_upstream(&self, service: &ProxiedService, site: &Site<'_>) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let named = Self::named(service);
        if let Some((name, port)) = named {
            let scheme = service.upstream.protocol.as_str();
            items.extend(self.resolving(Word::data(&format!("{scheme}://{name}:{port}"))));
            if site.prefix != "/" {
                let pattern = Word::fixed(format!("^{}(.*)$", in_regex(site.prefix)));
                items.push(Directive::new("rewrite", [pattern, "/$1".into(), "break".into()]).into());
            }
        }
        if let Some((name, _)) = named.filter(|_| service.upstream.protocol == Protocol::Https) {
            items.push(Directive::new("proxy_ssl_server_name", ["on"]).into());
            items.push(Directive::new("proxy_ssl_name", [Word::data(name.as_str())]).into());
        }
        items
    }
}

/// `auth_request`: whatever the answer is but 2xx, or if there is none, the request is refused.
fn identity_of_caller(service: &ProxiedService) -> Vec<Item> {
    let remember =
        |variable: &'static str, header: &'static str| Directive::new("auth_request_set", [variable, header]).into();
    vec![
        Directive::new("auth_request", [IDENTITY])
            .from(service.field("auth"))
            .into(),
        remember("$tailwright_user", "$upstream_http_tailscale_user"),
        remember("$tailwright_name", "$upstream_http_tailscale_name"),
        remember("$tailwright_tailnet", "$upstream_http_tailscale_tailnet"),
    ]
}

/// The location that asks tailscale-nginx-auth. It takes address and port for tailscaled's `WhoIs`, and nothing else of the
/// request reaches it.
pub(super) fn identity(by_tailscaled: bool) -> Location {
    let set = |name: &'static str, value: &'static str| Directive::new("proxy_set_header", [name, value]).into();
    // Behind tailscaled the client's port is unknown. A tailnet address is enough for tailscaled; the helper wants a port.
    let port = if by_tailscaled {
        "$realip_remote_port"
    } else {
        "$remote_port"
    };
    Location {
        matching: Matching::Exact,
        path: IDENTITY.to_owned(),
        answer: Answer::ProxyPass(IDENTITY_SOCKET.into()),
        password_file: None,
        items: vec![
            Directive::new("internal", Vec::<Word>::new()).into(),
            Directive::new("proxy_pass_request_body", ["off"]).into(),
            Directive::new("proxy_pass_request_headers", ["off"]).into(),
            set("Content-Length", ""),
            set("Host", "$host"),
            set("Remote-Addr", "$remote_addr"),
            set("Remote-Port", port),
            set("Original-URI", "$request_uri"),
        ],
        origin: None,
    }
}

/// Whether the service answers only requests for `localhost`.
pub(super) fn wants_localhost(service: &ProxiedService) -> bool {
    known_service::recognised(service.name.as_str(), service.upstream.port()).is_some_and(|known| known.wants_localhost)
}

/// Time-outs and buffering.
fn waiting(service: &ProxiedService) -> Vec<Item> {
    let timeout = |name: &'static str| {
        let span = Word::fixed(service.timeout.to_string());
        Directive::new(name, [span]).from(service.field("timeout")).into()
    };
    let mut items = vec![
        Directive::new("proxy_connect_timeout", [CONNECT]).into(),
        timeout("proxy_read_timeout"),
        timeout("proxy_send_timeout"),
    ];
    if service.streaming {
        let field = service.field("streaming");
        let directive =
            |name: &'static str, value: &'static str| Directive::new(name, [value]).from(field.clone()).into();
        items.push(directive("proxy_buffering", "off"));
        // An upstream may ask for buffering by this header; here it may not.
        items.push(directive("proxy_ignore_headers", "X-Accel-Buffering"));
        if service.max_body_size.is_some_and(takes_large_bodies) {
            // Large uploads go through as they come. Small requests are read first: they can then be sent again where the
            // upstream closed an idle connection in that moment.
            items.push(directive("proxy_request_buffering", "off"));
        }
    }
    items
}

fn takes_large_bodies(size: ByteSize) -> bool {
    size.is_zero() || size.bytes() > BODY_BYTES
}

/// Redirects of a service that does not know of its prefix; those that name another host, or the prefix, are left alone.
fn redirects(site: &Site<'_>) -> Vec<Item> {
    let prefix = site.prefix;
    if prefix == "/" {
        return Vec::new();
    }
    let redirect = |from: Word, to: Word| Directive::new("proxy_redirect", [from, to]).into();
    let own = || Word::from("$scheme://$host");
    let below = in_regex(prefix.trim_start_matches('/'));
    vec![
        // The first that fits is taken: where the prefix is there already, nothing is put before it.
        redirect(own().then(prefix), own().then(prefix)),
        redirect(own().code("/"), own().then(prefix)),
        redirect(
            Word::fixed(format!("~^/(?!/|{below})(.*)$")),
            Word::data(prefix).code("$1"),
        ),
    ]
}
