//! `GET check-ip-forwarding`.

use crate::localapi::client::LocalApi;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// What is wrong with the forwarding of packets for a subnet router or exit node; nothing where it works.
    pub async fn check_ip_forwarding(&self) -> Result<Option<String>, Error> {
        let request = Request::get("check-ip-forwarding");
        self.ask(request).await?.accepted(Right::Read)?.advice()
    }
}
