//! Upstream groups.

use super::directive::{Block, Directive, Item};
use super::word::Word;
use crate::model::FieldPath;

/// An `upstream` block of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamGroup {
    /// Its name, unique within the configuration.
    pub name: String,
    /// `127.0.0.1:11434`, or `unix:/run/x.sock`.
    pub server: Word,
    /// Idle connections; `None` in `stream`, and where pooling is off.
    pub keepalive: Option<Keepalive>,
    /// The service.
    pub origin: FieldPath,
}

/// Which idle connections to an upstream are kept (`ngx_http_upstream_module`, `keepalive`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// How many, per worker.
    pub connections: u32,
    /// How long (nginx's notation of time).
    pub timeout: &'static str,
}

impl UpstreamGroup {
    /// What stands in the block besides the server.
    pub fn settings(&self) -> Vec<Item> {
        self.keepalive.map_or_else(Vec::new, |keepalive| {
            vec![
                Directive::new("keepalive", [Word::fixed(keepalive.connections.to_string())]).into(),
                Directive::new("keepalive_timeout", [keepalive.timeout]).into(),
            ]
        })
    }

    /// The whole block.
    pub fn block(&self) -> Block {
        let mut items = vec![Directive::new("server", [self.server.clone()]).into()];
        items.extend(self.settings());
        Block {
            origin: Some(self.origin.clone()),
            ..Block::new("upstream", [Word::fixed(&*self.name)], items)
        }
    }
}
