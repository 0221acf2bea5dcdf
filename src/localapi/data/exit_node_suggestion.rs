//! The exit node that tailscaled would take.

use super::location::Location;
use super::received::received;
use super::stable_id::StableId;

received! {
    /// The exit node that tailscaled would take (`apitype.ExitNodeSuggestionResponse`); without an identity: none.
    pub struct ExitNodeSuggestion {
        /// Which node.
        #[serde(rename = "ID")]
        pub id: StableId,
        /// Its full name.
        pub name: String,
        /// Where it is, if it says so.
        pub location: Option<Location>,
    }
}
