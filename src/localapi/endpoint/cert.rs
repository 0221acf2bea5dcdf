//! `GET cert/DOMAIN`.

use crate::localapi::client::LocalApi;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;
use crate::net::DnsName;

impl LocalApi {
    /// The certificate of that name with those that vouch for it, as PEM, without its key; it is fetched where there is
    /// none yet, or it ends soon.
    pub async fn certificate(&self, domain: &DnsName) -> Result<String, Error> {
        let request = Request::get("cert").below(&domain.to_string()).with("type", "crt");
        self.ask_within(self.patience().certificate, request)
            .await?
            .accepted(Right::Certificate)?
            .text()
    }
}
