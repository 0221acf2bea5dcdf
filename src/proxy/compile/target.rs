//! Where requests go, and the connections that they go by.

use super::Plan;
use crate::model::{ProxiedService, UpstreamAddress};
use crate::net::{DnsName, Port};
use crate::proxy::directive::{Block, Directive, Item};
use crate::proxy::upstream_group::{Keepalive, UpstreamGroup};
use crate::proxy::word::Word;

/// How long an idle connection to an upstream is kept: less than the five seconds after which Node.js (`keepAliveTimeout`)
/// and uvicorn (`timeout_keep_alive`) close theirs, so that no request is sent into a closing connection and lost.
const IDLE: &str = "4s";

impl Plan<'_> {
    /// The name of an upstream that has to be asked for while nginx runs, and its port. nginx resolves the names in an
    /// `upstream` block when it starts, and does not start where one cannot be resolved at that moment.
    pub(super) fn named(service: &ProxiedService) -> Option<(&DnsName, Port)> {
        match &service.upstream.address {
            // `localhost` is this host by definition (RFC 6761 §6.3).
            UpstreamAddress::Tcp(host, port) if !host.is_loopback() => host.name().map(|name| (name, *port)),
            _ => None,
        }
    }

    /// The upstream group of an HTTP service.
    pub(super) fn http_group(&self, service: &ProxiedService) -> Option<UpstreamGroup> {
        let keepalive = self.proxy.connection_pooling.then_some(Keepalive {
            connections: self.proxy.upstream_keepalive,
            timeout: IDLE,
        });
        self.group(service).map(|group| UpstreamGroup { keepalive, ..group })
    }

    /// The upstream group of a service without what only HTTP knows.
    pub(super) fn group(&self, service: &ProxiedService) -> Option<UpstreamGroup> {
        let server = match &service.upstream.address {
            UpstreamAddress::Unix(path) => format!("unix:{path}"),
            UpstreamAddress::Tcp(host, port) if host.name().is_some() && host.is_loopback() => {
                format!("127.0.0.1:{port}")
            }
            UpstreamAddress::Tcp(host, port) => format!("{}:{port}", host.in_url()),
        };
        Self::named(service).is_none().then(|| UpstreamGroup {
            name: self.identifier(service),
            server: Word::fixed(server),
            keepalive: None,
            origin: service.origin.clone(),
        })
    }

    /// `resolver`, and the variable that makes nginx ask it.
    pub(super) fn resolving(&self, target: Word) -> Vec<Item> {
        let resolver = Directive::new("resolver", [Word::fixed(self.resolver().to_string())]).with("valid=30s");
        let variable = Directive::new("set", ["$tailwright_upstream".into(), target]);
        vec![resolver.into(), variable.into()]
    }

    /// The maps behind [`Plan::connection_headers`].
    pub(super) fn connection_maps(&self) -> Vec<Item> {
        if !self.http_services().any(|service| service.websocket) {
            return Vec::new();
        }
        // HTTP/2 in the clear is no protocol for an upstream to be talked into: requests inside it would pass the proxy unseen.
        let upgrade = vec![
            Item::Entry("default".into(), "$http_upgrade".into()),
            Item::Entry("~*h2c".into(), "".into()),
        ];
        let connection = vec![
            Item::Entry("default".into(), "upgrade".into()),
            Item::Entry("".into(), self.idle_connection().into()),
        ];
        vec![
            Block::new("map", ["$http_upgrade", "$tailwright_upgrade"], upgrade).into(),
            Block::new("map", ["$tailwright_upgrade", "$tailwright_connection"], connection).into(),
        ]
    }

    /// `Connection` and `Upgrade`: an upgrade where the client asks and the service wants it; otherwise nothing, so that
    /// the connection stays (or `close` where pooling is off).
    pub(super) fn connection_headers(&self, service: &ProxiedService) -> Vec<Item> {
        let set = |name: &'static str, value: &'static str| Directive::new("proxy_set_header", [name, value]).into();
        if service.websocket {
            vec![
                set("Upgrade", "$tailwright_upgrade"),
                set("Connection", "$tailwright_connection"),
            ]
        } else {
            vec![set("Connection", self.idle_connection())]
        }
    }

    fn idle_connection(&self) -> &'static str {
        if self.proxy.connection_pooling { "" } else { "close" }
    }
}
