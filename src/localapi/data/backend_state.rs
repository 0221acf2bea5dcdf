//! What tailscaled is doing.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// What tailscaled is doing (`ipn.State`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BackendState {
    /// It has just started.
    #[default]
    NoState,
    /// Another user of this machine has it (Windows).
    InUseOtherUser,
    /// Nobody is logged in, or the key of the node has expired.
    NeedsLogin,
    /// An administrator has to let this machine in.
    NeedsMachineAuth,
    /// It is logged in and was told to be down (`tailscale down`).
    Stopped,
    /// It is on its way up.
    Starting,
    /// It is up.
    Running,
    /// One that was not known when this was written.
    Other(String),
}

impl BackendState {
    /// The state with that number on the bus; nothing for a number that is not known.
    pub fn from_number(number: u64) -> Option<Self> {
        let states = [
            Self::NoState,
            Self::InUseOtherUser,
            Self::NeedsLogin,
            Self::NeedsMachineAuth,
            Self::Stopped,
            Self::Starting,
            Self::Running,
        ];
        states.into_iter().nth(usize::try_from(number).ok()?)
    }

    /// As tailscale writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::NoState => "NoState",
            Self::InUseOtherUser => "InUseOtherUser",
            Self::NeedsLogin => "NeedsLogin",
            Self::NeedsMachineAuth => "NeedsMachineAuth",
            Self::Stopped => "Stopped",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for BackendState {
    fn from(name: String) -> Self {
        (0..7)
            .filter_map(Self::from_number)
            .find(|state| state.name() == name)
            .unwrap_or(Self::Other(name))
    }
}

impl fmt::Display for BackendState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The status has its name, the bus its number.
impl<'de> Deserialize<'de> for BackendState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;

        impl Visitor<'_> for NameOrNumber {
            type Value = BackendState;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a state by its name or number")
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(name.to_owned().into())
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(BackendState::from_number(number).unwrap_or_else(|| BackendState::Other(number.to_string())))
            }
        }

        deserializer.deserialize_any(NameOrNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_of_the_same_states() {
        for (number, name) in [(2, "NeedsLogin"), (4, "Stopped"), (5, "Starting"), (6, "Running")] {
            let state = BackendState::from_number(number).unwrap();
            assert_eq!(state.name(), name);
            assert_eq!(BackendState::from(name.to_owned()), state);
        }
        assert_eq!(BackendState::from_number(7), None);
        assert_eq!(BackendState::from("Later".to_owned()).name(), "Later");
    }
}
