//! `GET status`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::{Peer, Status};
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The state of tailscaled with all peers.
    pub async fn status(&self) -> Result<Status, Error> {
        let mut peers = Vec::new();
        let mut status = self.status_and_each_peer(|peer| peers.push(peer)).await?;
        status.peers.0 = peers;
        Ok(status)
    }

    /// The state of tailscaled; each of its peers is handed to `each` while the answer comes, and none is in what comes back.
    /// Where it fails, some may have been handed over.
    pub async fn status_and_each_peer(&self, each: impl FnMut(Peer)) -> Result<Status, Error> {
        let reply = self.ask_for_peers(Request::get("status"), each).await?;
        reply.accepted(Right::Read)?.json()
    }

    /// The state of tailscaled without its peers.
    pub async fn status_without_peers(&self) -> Result<Status, Error> {
        let request = Request::get("status").with("peers", "false");
        self.ask(request).await?.accepted(Right::Read)?.json()
    }
}
