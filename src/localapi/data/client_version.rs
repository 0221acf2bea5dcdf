//! Whether there is a newer tailscaled.

use super::received::received;

received! {
    /// Whether there is a newer tailscaled, as the control plane says (`tailcfg.ClientVersion`).
    pub struct ClientVersion {
        /// There is none.
        pub running_latest: bool,
        /// The newest, where there is one.
        pub latest_version: String,
        /// The newer one mends something that can be attacked.
        pub urgent_security_update: bool,
    }
}
