//! `GET watch-ipn-bus`.

use crate::localapi::bus::Bus;
use crate::localapi::client::LocalApi;
use crate::localapi::data::WatchMask;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The stream of what changes.
    pub async fn watch(&self, mask: WatchMask) -> Result<Bus, Error> {
        let request = Request::get("watch-ipn-bus").with("mask", &mask.bits().to_string());
        self.open(&request, Right::Read).await.map(Bus::new)
    }
}
