//! `POST ping`.

use std::net::IpAddr;
use std::time::Duration;

use crate::localapi::client::LocalApi;
use crate::localapi::data::{PingKind, Pong};
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// Pings the node that has this address. There is no answer at all from one that is gone: that ends with
    /// [`Error::TimedOut`]. Where tailscaled itself says why there is none, that is in [`Pong::err`].
    pub async fn ping(&self, address: IpAddr, kind: PingKind, patience: Duration) -> Result<Pong, Error> {
        let request = Request::post("ping")
            .with("ip", &address.to_string())
            .with("type", kind.name());
        self.ask_within(patience, request).await?.accepted(Right::Read)?.json()
    }
}
