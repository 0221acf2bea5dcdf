//! `POST set-udp-gro-forwarding`.

use crate::localapi::client::LocalApi;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// Lets the network interface forward UDP fast until the next boot; what kept that from being done, if anything did.
    pub async fn set_udp_gro_forwarding(&self) -> Result<Option<String>, Error> {
        let request = Request::post("set-udp-gro-forwarding");
        self.ask(request).await?.accepted(Right::Write)?.advice()
    }
}
