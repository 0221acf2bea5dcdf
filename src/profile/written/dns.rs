//! `network.dns`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::group;

group! {
    /// Name resolution through systemd-resolved.
    pub struct Dns {
        /// Whether systemd-resolved is set up; true by default where this group is written.
        pub enable: Option<bool>,
        /// Name servers for everything that no split domain claims.
        #[schemars(with = "Option<Vec<String>>")]
        pub servers: Option<Vec<IpAddr>>,
        /// Name servers for when nothing else is known.
        #[schemars(with = "Option<Vec<String>>")]
        pub fallback_servers: Option<Vec<IpAddr>>,
        /// Domains with name servers of their own.
        #[serde(rename = "splitDNS")]
        #[schemars(with = "Option<BTreeMap<String, Vec<String>>>")]
        pub split_dns: Option<BTreeMap<String, Vec<IpAddr>>>,
    }
}
