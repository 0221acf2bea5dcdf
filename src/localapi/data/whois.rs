//! Who is behind an address.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde_json::Value;

use super::received::received;
use super::stable_id::StableId;
use super::user::User;

received! {
    /// Who is behind an address (`apitype.WhoIsResponse`).
    pub struct WhoIs {
        /// The node.
        pub node: WhoIsNode,
        /// Whose it is.
        pub user_profile: User,
        /// What the policy lets it do here, by name.
        pub cap_map: BTreeMap<String, Value>,
    }
}

received! {
    /// The node behind an address (`tailcfg.Node`).
    pub struct WhoIsNode {
        /// Its number.
        #[serde(rename = "ID")]
        pub id: i64,
        /// Its name that never changes.
        #[serde(rename = "StableID")]
        pub stable_id: StableId,
        /// Its full name, with a dot at the end.
        pub name: String,
        /// Its addresses, as prefixes of one address.
        pub addresses: Vec<IpNet>,
        /// Its tags; then it is nobody's.
        pub tags: Vec<String>,
        /// Whether the control plane sees it.
        pub online: Option<bool>,
    }
}
