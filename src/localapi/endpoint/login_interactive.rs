//! `POST login-interactive`.

use crate::localapi::client::LocalApi;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// Has tailscaled begin a login, which somebody ends at [`Status::auth_url`](crate::localapi::data::Status::auth_url): that
    /// appears a moment later. No preference changes. A node that is logged in gets a new key; until then older versions
    /// leave the tailnet.
    pub async fn log_in(&self) -> Result<(), Error> {
        let request = Request::post("login-interactive");
        self.ask(request).await?.accepted(Right::Write)?;
        Ok(())
    }
}
