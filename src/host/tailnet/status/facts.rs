//! What is asked for.

use super::peers::Peers;
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::listeners;
use crate::localapi::data::{BackendState, Prefs, Status};
use crate::localapi::{Daemon, Error, LocalApi};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Which tailscaled it was.
    pub(crate) daemon: Option<Daemon>,
    /// What tailscaled says of itself, without the peers.
    pub(crate) status: Result<Status, Error>,
    /// The peers, where they are asked for.
    pub(crate) peers: Peers,
    /// What it is told to do.
    pub(crate) prefs: Option<Prefs>,
    /// What keeps packets from being forwarded, where it matters.
    pub(crate) forwarding: Option<String>,
    /// Whether somebody listens at port 22 of this machine.
    pub(crate) ssh_listener: Option<bool>,
    /// The certificates that it can have.
    pub(crate) certificates: Vec<(String, Certificate)>,
}

impl Facts {
    /// Asks for all of it.
    pub(crate) async fn ask(api: &LocalApi, with_peers: bool) -> Self {
        let mut peers = Peers::default();
        let status = if with_peers {
            api.status_and_each_peer(|peer| peers.take(&peer)).await
        } else {
            api.status_without_peers().await
        };
        match &status {
            Ok(status) => peers.complete(status),
            // Of an answer that cannot be read to its end nothing is told.
            Err(_) => peers = Peers::default(),
        }
        let mut facts = Self {
            daemon: api.daemon(),
            status,
            peers,
            prefs: None,
            forwarding: None,
            ssh_listener: listeners::is_taken(22),
            certificates: Vec::new(),
        };
        let Ok(status) = &facts.status else { return facts };
        facts.prefs = api.prefs().await.ok();
        let offers = facts
            .prefs
            .as_ref()
            .is_some_and(|prefs| !prefs.advertise_routes.is_empty());
        if offers && status.backend_state == BackendState::Running {
            // Where it cannot be told there is nothing to tell.
            facts.forwarding = api.check_ip_forwarding().await.ok().flatten();
        }
        facts.certificates = status
            .cert_domains
            .iter()
            .map(|domain| (domain.clone(), Certificate::of(domain)))
            .collect();
        facts
    }
}
