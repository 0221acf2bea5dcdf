//! `network.dns`: how the host resolves names.

use std::net::IpAddr;

use super::FieldPath;
use crate::net::DnsName;

/// Name resolution through `systemd-resolved`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dns {
    /// `servers`: asked for everything that no split domain and no link claims.
    pub servers: Vec<IpAddr>,
    /// `fallbackServers`: asked where nothing else is known.
    pub fallback_servers: Vec<IpAddr>,
    /// `splitDNS`: domains with name servers of their own.
    pub split: Vec<SplitDomain>,
}

/// One element of `splitDNS`.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitDomain {
    /// The domain with everything below it.
    pub domain: DnsName,
    /// Who is asked for it.
    pub servers: Vec<IpAddr>,
    /// The element.
    pub origin: FieldPath,
}
