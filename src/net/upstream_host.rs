//! Hosts that a proxy forwards to.

use std::fmt;
use std::net::IpAddr;

use super::dns_name::DnsName;
use super::text::{Text, text_type};

/// The host of an upstream: an IP address or a [`DnsName`], without scheme and port: `127.0.0.1`, `::1`, `nas.lan`.
///
/// The unspecified addresses are refused: they are places to listen on, not to connect to. An IPv6 address may stand in
/// brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpstreamHost(Host);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Host {
    Address(IpAddr),
    Name(DnsName),
}

impl UpstreamHost {
    /// `127.0.0.1`.
    pub const LOCALHOST: Self = Self(Host::Address(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)));

    /// The address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        match &self.0 {
            Host::Address(address) => Some(*address),
            Host::Name(_) => None,
        }
    }

    /// The name, if it is one.
    pub fn name(&self) -> Option<&DnsName> {
        match &self.0 {
            Host::Address(_) => None,
            Host::Name(name) => Some(name),
        }
    }

    /// Whether the host is this host itself: a loopback address or `localhost` (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        match &self.0 {
            Host::Address(address) => address.to_canonical().is_loopback(),
            Host::Name(name) => name.labels().last() == Some("localhost"),
        }
    }

    /// The host as the authority of a URL has it (RFC 3986 §3.2.2): an IPv6 address in brackets.
    pub fn in_url(&self) -> String {
        match &self.0 {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name.to_string(),
        }
    }
}

impl From<IpAddr> for UpstreamHost {
    fn from(address: IpAddr) -> Self {
        Self(Host::Address(address))
    }
}

impl fmt::Display for UpstreamHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Host::Address(address) => address.fmt(f),
            Host::Name(name) => name.fmt(f),
        }
    }
}

impl Text for UpstreamHost {
    const NOUN: &'static str = "upstream host";
    const GRAMMAR: &'static str = "an IP address or a DNS name, without scheme and port, like 127.0.0.1 or nas.lan";
    const PATTERN: &'static str = r"^([A-Za-z0-9.-]+|\[?[0-9A-Fa-f:.]+\]?)$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let bare = written
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|inner| inner.contains(':'))
            .unwrap_or(written);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return if address.is_unspecified() {
                Err("an address to listen on, not to connect to")
            } else {
                Ok(Self(Host::Address(address)))
            };
        }
        if written.starts_with("unix:") || written.starts_with('/') {
            return Err("a unix socket is no host");
        }
        if written.contains("://") {
            return Err("a URL is no host");
        }
        if written.contains(':') {
            return Err("the port does not belong to the host");
        }
        DnsName::read(written).map(|name| Self(Host::Name(name)))
    }

    fn guess(refused: &str) -> Option<String> {
        match refused {
            "0.0.0.0" | "*" => return Some("127.0.0.1".to_owned()),
            "::" | "[::]" => return Some("::1".to_owned()),
            _ if refused.starts_with("unix:") => return None,
            _ => {}
        }
        let rest = refused.split_once("://").map_or(refused, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next()?;
        match authority.strip_prefix('[') {
            Some(bracketed) => bracketed.split(']').next().map(str::to_owned),
            None => authority.split(':').next().map(str::to_owned),
        }
    }
}

text_type!(UpstreamHost);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn an_address_or_a_name() {
        reads_back::<UpstreamHost>(
            r"(10|192)(\.1[0-9]{0,2}){3}|fd00:[1-9a-f]{1,4}::[1-9a-f]{1,4}|\[fd00::[1-9a-f]\]|[a-z]{1,9}\.lan",
        );
        refuses::<UpstreamHost>(&[
            "",
            "0.0.0.0",
            "::",
            "http://127.0.0.1",
            "127.0.0.1:8080",
            "unix:/run/x.sock",
            "/run/x.sock",
            "a b",
            "a;b",
            "[a]",
            "[::1",
            "300.1.1.1",
            "$host",
            "fe80::1%eth0",
        ]);
        suggests::<UpstreamHost>(&[
            ("http://127.0.0.1:8080/api", "127.0.0.1"),
            ("localhost:11434", "localhost"),
            ("http://[::1]:8080", "::1"),
            ("0.0.0.0", "127.0.0.1"),
        ]);
        shows::<UpstreamHost>(&[("[::1]", "::1"), ("NAS.lan", "nas.lan")]);
    }

    #[test]
    fn loopback_and_urls() {
        let host = |written: &str| written.parse::<UpstreamHost>().unwrap();
        assert!(
            ["127.0.0.53", "::1", "localhost", "::ffff:127.0.0.1"]
                .iter()
                .all(|name| host(name).is_loopback())
        );
        assert!(!host("192.168.15.10").is_loopback() && !host("localhost.example.org").is_loopback());
        assert_eq!(host("::1").in_url(), "[::1]");
        assert_eq!(UpstreamHost::LOCALHOST.in_url(), "127.0.0.1");
    }
}
