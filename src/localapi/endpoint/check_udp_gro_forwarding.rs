//! `GET check-udp-gro-forwarding`.

use crate::localapi::client::LocalApi;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// What keeps the network interface from forwarding UDP fast; nothing where nothing does.
    pub async fn check_udp_gro_forwarding(&self) -> Result<Option<String>, Error> {
        let request = Request::get("check-udp-gro-forwarding");
        self.ask(request).await?.accepted(Right::Read)?.advice()
    }
}
