//! `GET status`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::Status;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The state of tailscaled with all peers.
    pub async fn status(&self) -> Result<Status, Error> {
        self.ask(Request::get("status")).await?.accepted(Right::Read)?.json()
    }

    /// The state of tailscaled without its peers.
    pub async fn status_without_peers(&self) -> Result<Status, Error> {
        let request = Request::get("status").with("peers", "false");
        self.ask(request).await?.accepted(Right::Read)?.json()
    }
}
