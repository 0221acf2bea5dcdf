//! The whole configuration.

use std::collections::BTreeSet;

use super::directive::{Block, Directive, Item};
use super::text::Text;
use super::upstream_group::UpstreamGroup;
use super::virtual_host::{Listen, ListenAddress, VirtualHost};
use super::word::{DOLLAR, Word};
use crate::model::FieldPath;
use crate::net::{Port, Transport};

/// What nginx is told, by context.
#[derive(Debug, Clone, PartialEq)]
pub struct Nginx {
    /// The main context, beside the blocks.
    pub main: Vec<Directive>,
    /// The main context's `error_log`, where the profile names a file.
    pub error_log: Option<Word>,
    /// `events`
    pub events: Vec<Directive>,
    /// `http`
    pub http: Http,
    /// `stream`; `None` where no service is spoken to by plain TCP.
    pub stream: Option<Stream>,
}

/// The `http` context.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Http {
    /// Upstream groups by name.
    pub upstreams: Vec<UpstreamGroup>,
    /// Size of a bucket of the table of server names, where nginx's own is too small for the longest
    /// (<https://nginx.org/en/docs/http/server_names.html#optimization>).
    pub names_bucket: Option<u32>,
    /// Maps, zones of limits.
    pub items: Vec<Item>,
    /// Virtual hosts by key.
    pub hosts: Vec<VirtualHost>,
}

/// The `stream` context.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stream {
    /// Upstream groups by name.
    pub upstreams: Vec<UpstreamGroup>,
    /// Zones of limits.
    pub items: Vec<Item>,
    /// The servers.
    pub servers: Vec<StreamServer>,
}

/// A `server` block of `stream`.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamServer {
    /// Where it listens.
    pub listen: Vec<Listen>,
    /// Its directives.
    pub items: Vec<Item>,
    /// The service.
    pub origin: FieldPath,
}

impl Nginx {
    /// What the proxy listens on for others than this host: TCP, and UDP for HTTP/3.
    pub fn listeners(&self) -> BTreeSet<(Transport, Port)> {
        let outside = |listen: &&Listen| listen.address != ListenAddress::Loopback;
        let mut found = BTreeSet::new();
        for host in &self.http.hosts {
            for listen in host.listen.iter().filter(outside) {
                found.insert((Transport::Tcp, listen.port));
                if host.quic && listen.tls {
                    found.insert((Transport::Udp, listen.port));
                }
            }
        }
        let servers = self.stream.iter().flat_map(|stream| &stream.servers);
        let listens = servers.flat_map(|server| &server.listen).filter(outside);
        found.extend(listens.map(|listen| (Transport::Tcp, listen.port)));
        found
    }

    /// Whether HTTP/3 is offered.
    pub fn offers_http3(&self) -> bool {
        self.http.hosts.iter().any(|host| host.quic)
    }

    /// What belongs into `http`, for a configuration that somebody else keeps.
    pub fn http_text(&self) -> String {
        Text::of(&self.http.body()).to_string()
    }

    /// What belongs into `stream`; empty where nothing does.
    pub fn stream_text(&self) -> String {
        let body = self.stream.as_ref().map(Stream::body).unwrap_or_default();
        Text::of(&body).to_string()
    }

    /// What belongs into `events`.
    pub fn events_text(&self) -> String {
        Text::of(&self.events_items()).to_string()
    }

    /// What belongs into the main context, beside the blocks.
    pub fn main_text(&self) -> String {
        Text::of(&self.main_items()).to_string()
    }

    /// The main context without its blocks.
    pub fn main_items(&self) -> Vec<Item> {
        let log = self.error_log.clone();
        let log = log.map(|file| Directive::new("error_log", [file]).with("error"));
        self.main.iter().cloned().chain(log).map(Item::from).collect()
    }

    /// The body of `events`.
    pub fn events_items(&self) -> Vec<Item> {
        self.events.iter().cloned().map(Item::from).collect()
    }
}

impl Http {
    /// The context's body.
    pub fn body(&self) -> Vec<Item> {
        let bucket = self.names_bucket.map(|bucket| {
            let size = Word::fixed(bucket.to_string());
            Directive::new("server_names_hash_bucket_size", [size]).into()
        });
        let upstreams = self.upstreams.iter().map(|group| group.block().into());
        let hosts = self.hosts.iter().map(|host| host.block().into());
        upstreams
            .chain(bucket)
            .chain(self.items.iter().cloned())
            .chain(hosts)
            .collect()
    }
}

impl Stream {
    /// The context's body.
    pub fn body(&self) -> Vec<Item> {
        let upstreams = self.upstreams.iter().map(|group| group.block().into());
        let servers = self.servers.iter().map(|server| server.block().into());
        upstreams.chain(self.items.iter().cloned()).chain(servers).collect()
    }
}

impl StreamServer {
    /// The whole block.
    pub fn block(&self) -> Block {
        let listens = self.listen.iter().map(|listen| {
            let address = Word::fixed(listen.to_string());
            Directive::new("listen", [address]).with("so_keepalive=on").into()
        });
        let items = listens.chain(self.items.iter().cloned()).collect();
        Block {
            origin: Some(self.origin.clone()),
            ..Block::new("server", Vec::<Word>::new(), items)
        }
    }
}

/// The definition of the variable that holds a dollar sign, where `body` needs it. (`geo` is the one directive whose values
/// are not searched for variables.)
pub(super) fn dollar(body: &[Item]) -> Option<Item> {
    let mut words = Vec::new();
    for item in body {
        item.words(&mut words);
    }
    words.iter().any(|word| word.uses_dollar()).then(|| {
        let entry = Item::Entry("default".into(), Word::fixed("$"));
        let variable = Word::fixed(format!("${DOLLAR}"));
        Block::new("geo", [variable], vec![entry]).into()
    })
}

impl std::fmt::Display for Nginx {
    /// A whole `nginx.conf` but for `load_module`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut items = self.main_items();
        items.push(Block::new("events", Vec::<Word>::new(), self.events_items()).into());
        items.push(Block::new("http", Vec::<Word>::new(), self.http.body()).into());
        if let Some(stream) = &self.stream {
            items.push(Block::new("stream", Vec::<Word>::new(), stream.body()).into());
        }
        Text::of(&items).fmt(f)
    }
}
