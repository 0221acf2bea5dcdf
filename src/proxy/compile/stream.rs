//! Services that are no HTTP: bytes in, bytes out.

use super::Plan;
use crate::model::{Exposure, ProxiedService};
use crate::proxy::directive::{Directive, Item};
use crate::proxy::nginx::{Stream, StreamServer, dollar};
use crate::proxy::virtual_host::Listen;
use crate::proxy::word::Word;

/// Connections at a time that one client may have to one service: far above what a pool of connections opens.
const CONNECTIONS: &str = "100";
/// Room for about 16,000 clients.
const ZONE: &str = "1m";
/// How long a connection to an upstream may take.
const CONNECT: &str = "5s";

impl Plan<'_> {
    /// The `stream` context.
    pub(super) fn stream(&self) -> Option<Stream> {
        let mut stream = Stream::default();
        for service in self.tcp_services() {
            let listen = self.stream_listens(service);
            if listen.is_empty() {
                continue;
            }
            let identifier = self.identifier(service);
            let zone = Word::fixed(format!("zone={identifier}:{ZONE}"));
            let zone = Directive::new("limit_conn_zone", ["$binary_remote_addr".into(), zone]);
            stream.items.push(zone.into());
            stream.upstreams.extend(self.group(service));
            stream.servers.push(StreamServer {
                listen,
                items: self.stream_items(service, &identifier),
                origin: service.origin.clone(),
            });
        }
        let dollar = dollar(&stream.body());
        stream.items.splice(..0, dollar);
        (!stream.servers.is_empty()).then_some(stream)
    }

    fn stream_listens(&self, service: &ProxiedService) -> Vec<Listen> {
        let mut listens = match service.exposure {
            Exposure::Port { port, .. } => Listen::everywhere(port, false),
            // A name does not lead to a service without HTTP or TLS of its own: a rule refuses it.
            Exposure::Path(_) | Exposure::Domain(_) | Exposure::TailscaleService => Vec::new(),
        };
        let served = self.served.iter().filter(|served| served.service.name == service.name);
        listens.extend(served.map(crate::proxy::serve::Served::listen));
        listens
    }

    fn stream_items(&self, service: &ProxiedService, identifier: &str) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let target = match Self::named(service) {
            Some((name, port)) => {
                items.extend(self.resolving(Word::data(&format!("{name}:{port}"))));
                "$tailwright_upstream".into()
            }
            None => Word::data(identifier),
        };
        let idle = Word::fixed(service.timeout.to_string());
        items.extend([
            Directive::new("proxy_pass", [target]).into(),
            Directive::new("proxy_connect_timeout", [CONNECT]).into(),
            Directive::new("proxy_timeout", [idle])
                .from(service.field("timeout"))
                .into(),
            Directive::new("proxy_socket_keepalive", ["on"]).into(),
            Directive::new("limit_conn", [Word::fixed(identifier), CONNECTIONS.into()]).into(),
        ]);
        items
    }
}
