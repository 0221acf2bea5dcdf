//! Whose a node is.

use super::received::received;

received! {
    /// Whose a node is (`tailcfg.UserProfile`).
    pub struct User {
        /// The number that nodes name.
        #[serde(rename = "ID")]
        pub id: i64,
        /// The address that was logged in with.
        pub login_name: String,
        /// A name for people.
        pub display_name: String,
    }
}
