//! What is wrong, on the bus.

use serde::{Deserialize, Deserializer};

use super::received::received;
use super::time::Time;

/// How much a warning matters (`health.Severity`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A hint.
    Low,
    /// Something does not work as it should. What is not known counts as this.
    #[default]
    Medium,
    /// Something does not work.
    High,
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "low" => Self::Low,
            "high" => Self::High,
            _ => Self::Medium,
        })
    }
}

received! {
    /// What is wrong, on the bus (`health.UnhealthyState`).
    pub struct Warning {
        /// Its code: `no-derp-home`, `control-health.…`.
        pub warnable_code: String,
        /// How much it matters.
        pub severity: Severity,
        /// In a few words.
        pub title: String,
        /// In a sentence or two.
        pub text: String,
        /// Since when.
        pub broken_since: Time,
        /// Whether connections suffer.
        pub impacts_connectivity: bool,
    }
}
