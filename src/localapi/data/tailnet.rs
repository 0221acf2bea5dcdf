//! The tailnet of this node.

use super::received::received;

received! {
    /// The tailnet of this node (`ipnstate.TailnetStatus`).
    pub struct Tailnet {
        /// Its name: a domain, or somebody's address.
        pub name: String,
        /// What the names of its nodes end in, without a dot before or behind.
        #[serde(rename = "MagicDNSSuffix")]
        pub magic_dns_suffix: String,
        /// Whether those names can be looked up.
        #[serde(rename = "MagicDNSEnabled")]
        pub magic_dns_enabled: bool,
    }
}
