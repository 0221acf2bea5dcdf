//! `GET prefs`, `PATCH prefs`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::{Prefs, PrefsChange};
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// What tailscaled is told to do.
    pub async fn prefs(&self) -> Result<Prefs, Error> {
        self.ask(Request::get("prefs")).await?.accepted(Right::Read)?.json()
    }

    /// Changes some preferences in one step, and has all of them as they are then. tailscaled takes much that cannot work
    /// (an exit node that does not exist): what came of it is in the status.
    pub async fn change_prefs(&self, change: &PrefsChange) -> Result<Prefs, Error> {
        let request = Request::patch("prefs").body(&change.to_json());
        self.ask(request).await?.accepted(Right::Write)?.json()
    }
}
