//! Where an exit node says it is.

use super::received::received;

received! {
    /// Where an exit node says it is (`tailcfg.Location`).
    pub struct Location {
        /// The country, in English.
        pub country: String,
        /// Two letters.
        pub country_code: String,
        /// The city, in English.
        pub city: String,
        /// A few letters.
        pub city_code: String,
        /// The greater the sooner it should be chosen.
        pub priority: i64,
    }
}
