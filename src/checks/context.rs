//! What a rule about one host may look at.

use crate::model::{Host, ProxiedService};

/// One host.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) host: &'a Host,
}

impl<'a> Context<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        Self { host }
    }

    /// The services behind the proxy.
    pub(super) fn services(&self) -> impl Iterator<Item = &'a ProxiedService> {
        self.host.proxy.iter().flat_map(|proxy| proxy.services.values())
    }
}
