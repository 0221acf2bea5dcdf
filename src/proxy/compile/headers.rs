//! Headers: what upstreams are told of the client, and what clients are told of the service.

use super::Plan;
use super::proxied::wants_localhost;
use super::site::Site;
use crate::model::{Auth, ProxiedService};
use crate::net::Port;
use crate::proxy::directive::{Block, Directive, Item};
use crate::proxy::word::Word;

/// Response headers whose value the upstream may choose; ours stands where it says nothing. Name, variable, value.
const CHOSEN: [(&str, &str, &str, &str); 2] = [
    (
        "X-Frame-Options",
        "$upstream_http_x_frame_options",
        "$tailwright_frame_options",
        "SAMEORIGIN",
    ),
    (
        "Referrer-Policy",
        "$upstream_http_referrer_policy",
        "$tailwright_referrer_policy",
        "strict-origin-when-cross-origin",
    ),
];

/// How long browsers remember that a name is spoken to by TLS only: a year (RFC 6797 §6.1.1). Without subdomains: they
/// are not ours.
const HSTS: &str = "max-age=31536000";

impl Plan<'_> {
    /// The maps behind [`CHOSEN`].
    pub(super) fn header_maps(&self) -> Vec<Item> {
        if !self.proxy.security_headers {
            return Vec::new();
        }
        let map = |(_, upstream, ours, value): (_, &'static str, &'static str, &'static str)| {
            let entries = vec![
                Item::Entry("default".into(), upstream.into()),
                Item::Entry("".into(), value.into()),
            ];
            let mut map = Block::new("map", [upstream, ours], entries);
            map.origin = Some(self.field("enableSecurityHeaders"));
            map.into()
        };
        CHOSEN.into_iter().map(map).collect()
    }

    /// The response headers of a host, all at one level: a single `add_header` further in would drop every one of them
    /// (`ngx_http_headers_module`). `alt_svc` is the port that HTTP/3 is offered on.
    pub(super) fn response_headers(&self, own_name: bool, alt_svc: Option<Port>) -> Vec<Item> {
        let mut headers: Vec<(&'static str, Word)> = Vec::new();
        if self.proxy.security_headers {
            headers.push(("X-Content-Type-Options", "nosniff".into()));
            headers.extend(CHOSEN.iter().map(|(name, _, variable, _)| (*name, (*variable).into())));
            if own_name {
                headers.push(("Strict-Transport-Security", HSTS.into()));
            }
        }
        if let Some(port) = alt_svc {
            headers.push(("Alt-Svc", Word::fixed(format!("h3=\":{port}\"; ma=86400"))));
        }
        let add = |(name, value): (&'static str, Word)| {
            Directive::new("add_header", [name.into(), value]).with("always").into()
        };
        headers.into_iter().map(add).collect()
    }

    /// The same headers as upstreams send them are not passed on: ours stand alone.
    pub(super) fn hidden_headers(headers: &[Item]) -> Vec<Item> {
        let names = headers.iter().filter_map(|item| match item {
            Item::Directive(directive) => directive.arguments.first().cloned(),
            Item::Block(_) | Item::Entry(..) | Item::Own(_) => None,
        });
        names
            .map(|name| Directive::new("proxy_hide_header", [name]).into())
            .collect()
    }

    /// What the upstream is told. The proxy is the edge: what a client says of itself in these headers is not passed on.
    pub(super) fn request_headers(&self, service: &ProxiedService, site: &Site<'_>) -> Vec<Item> {
        let set = |name: &'static str, value: Word| Directive::new("proxy_set_header", [name.into(), value]).into();
        // The port belongs to the origin that applications compare and build links from; `$http_host` is the client's word.
        let host = if site.usual_port() {
            Word::from("$host")
        } else {
            Word::from("$host").then(&format!(":{}", site.port))
        };
        let prefix = site.prefix.trim_end_matches('/');
        let mut items: Vec<Item> = vec![
            // Unknown names have come no further than the default host, so the service's own guard has nothing left to do.
            set(
                "Host",
                if wants_localhost(service) {
                    "localhost".into()
                } else {
                    host.clone()
                },
            ),
            set("X-Real-IP", "$remote_addr".into()),
            set("X-Forwarded-For", "$remote_addr".into()),
            set("X-Forwarded-Proto", site.scheme.into()),
            set("X-Forwarded-Host", host),
            set("X-Forwarded-Port", Word::fixed(site.port.to_string())),
            set("X-Forwarded-Server", "$hostname".into()),
            set("X-Forwarded-Prefix", Word::data(prefix)),
            set("Forwarded", "".into()),
        ];
        if !site.by_tailscaled {
            // tailscaled sets these for those who come through it, and for nobody else.
            for name in [
                "Tailscale-User-Login",
                "Tailscale-User-Name",
                "Tailscale-User-Profile-Pic",
            ] {
                items.push(set(name, "".into()));
            }
        }
        match &service.auth {
            Auth::None => items.push(set("X-Webauth-User", "".into())),
            Auth::Basic(_) => {
                items.push(set("X-Webauth-User", "$remote_user".into()));
                // The password is the proxy's, not the service's.
                items.push(set("Authorization", "".into()));
            }
            Auth::Tailscale { .. } => {
                items.push(set("X-Webauth-User", "$tailwright_user".into()));
                items.push(set("X-Webauth-Name", "$tailwright_name".into()));
                items.push(set("X-Webauth-Tailnet", "$tailwright_tailnet".into()));
            }
        }
        items.extend(self.connection_headers(service));
        items
    }
}
