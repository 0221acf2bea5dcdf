//! `GET whois`.

use std::net::{IpAddr, SocketAddr};

use crate::localapi::client::LocalApi;
use crate::localapi::data::WhoIs;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The node that has this address; nothing where none has.
    pub async fn whois(&self, address: IpAddr) -> Result<Option<WhoIs>, Error> {
        self.whois_text(&address.to_string()).await
    }

    /// The node behind this end of a connection; nothing where it came from none. It tells connections apart that come
    /// through this machine's own proxies.
    pub async fn whois_connection(&self, end: SocketAddr) -> Result<Option<WhoIs>, Error> {
        self.whois_text(&end.to_string()).await
    }

    async fn whois_text(&self, address: &str) -> Result<Option<WhoIs>, Error> {
        let request = Request::get("whois").with("addr", address);
        match self.ask(request).await?.accepted(Right::Read) {
            Ok(reply) => reply.json().map(Some),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
