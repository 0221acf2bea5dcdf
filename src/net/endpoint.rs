//! Hosts with a port.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::text::{Text, text_type};
use super::{Port, UpstreamHost};

/// A host and a port to connect to: `nas.lan:445`, `1.1.1.1:443`, `[2606:4700:4700::1111]:443`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    host: UpstreamHost,
    port: Port,
}

impl Endpoint {
    /// The port of that host.
    pub fn new(host: UpstreamHost, port: Port) -> Self {
        Self { host, port }
    }

    /// The host.
    pub fn host(&self) -> &UpstreamHost {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> Port {
        self.port
    }

    /// The address and the port, where the host is written as an address.
    pub fn address(&self) -> Option<SocketAddr> {
        let address: IpAddr = self.host.address()?;
        Some(SocketAddr::new(address, self.port.get()))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host.in_url(), self.port)
    }
}

impl Text for Endpoint {
    const NOUN: &'static str = "host with a port";
    const GRAMMAR: &'static str = "an IP address or a DNS name, a colon and a port, like nas.lan:445 or [fd00::1]:443";
    const PATTERN: &'static str = r"^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (host, port) = written.rsplit_once(':').ok_or("it has no port")?;
        if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
            return Err("an IPv6 address with a port stands in brackets");
        }
        let port = Port::read(port).ok_or("the port is no number from 1 to 65535")?;
        Ok(Self {
            host: UpstreamHost::read(host)?,
            port,
        })
    }
}

text_type!(Endpoint);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows};

    #[test]
    fn a_host_and_a_port() {
        reads_back::<Endpoint>(r"(10|192)(\.1[0-9]{0,2}){3}:[1-9][0-9]{0,3}|\[fd00::[1-9a-f]\]:443|[a-z]{1,9}\.lan:1");
        refuses::<Endpoint>(&[
            "",
            "nas",
            "nas:",
            ":80",
            "nas:0",
            "nas:65536",
            "nas:080",
            "fd00::1:443",
            "::1",
            "0.0.0.0:80",
            "a b:80",
            "nas:80/",
            "http://nas:80",
            "[nas]:80",
            "nas:+8",
        ]);
        shows::<Endpoint>(&[("NAS.lan:80", "nas.lan:80"), ("[FD00::1]:443", "[fd00::1]:443")]);
        let address = |written: &str| written.parse::<Endpoint>().unwrap().address();
        assert_eq!(address("[::1]:53"), Some("[::1]:53".parse().unwrap()));
        assert_eq!(address("nas:53"), None);
    }
}
