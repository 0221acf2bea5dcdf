//! `GET derpmap`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::DerpMap;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The relays that there are; none before the first login.
    pub async fn derp_map(&self) -> Result<DerpMap, Error> {
        let reply = self.ask(Request::get("derpmap")).await?.accepted(Right::Read)?;
        reply.json_or_null()
    }
}
