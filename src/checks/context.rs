//! What a rule about one host may look at.

use std::cell::OnceCell;

use crate::model::{Host, ProxiedService, Tailscale};
use crate::net::InterfaceName;
use crate::proxy::{self, Nginx};

/// One host.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) host: &'a Host,
    nginx: OnceCell<Option<Nginx>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        Self {
            host,
            nginx: OnceCell::new(),
        }
    }

    /// What the proxy would be; compiled once for all rules.
    pub(super) fn nginx(&self) -> Option<&Nginx> {
        self.nginx.get_or_init(|| proxy::compile(self.host)).as_ref()
    }

    /// The interface of the tailnet, by its usual name where the profile does not enable Tailscale itself.
    pub(super) fn tailnet_interface(&self) -> Option<InterfaceName> {
        self.host
            .tailnet_interface()
            .cloned()
            .or_else(|| Tailscale::USUAL_INTERFACE.parse().ok())
    }

    /// The services behind the proxy.
    pub(super) fn services(&self) -> impl Iterator<Item = &'a ProxiedService> {
        self.host.proxy.iter().flat_map(|proxy| proxy.services.values())
    }
}
