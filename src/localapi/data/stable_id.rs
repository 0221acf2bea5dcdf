//! The name of a node that never changes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a node that never changes (`tailcfg.StableNodeID`): what the preference `ExitNodeID` wants. Empty where
/// there is no node.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StableId(String);

impl StableId {
    /// That of the node which tailscaled calls so.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// As tailscaled writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names no node.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for StableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
