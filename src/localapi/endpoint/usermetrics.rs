//! `GET usermetrics`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::UserMetrics;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// tailscaled's own figures.
    pub async fn user_metrics(&self) -> Result<UserMetrics, Error> {
        let reply = self.ask(Request::get("usermetrics")).await?.accepted(Right::Read)?;
        Ok(UserMetrics::read(&reply.text()?))
    }
}
