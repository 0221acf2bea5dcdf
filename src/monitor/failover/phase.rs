//! Where a subject stands, in one word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a subject stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// What is wanted is in force, and nothing is known to be wrong with it.
    Home,
    /// What is in force does not work, and the move has to wait for something.
    Waiting,
    /// A change is being made.
    Moving,
    /// What was moved to has yet to prove itself.
    Trial,
    /// Something else than what is wanted is in force, and works.
    Away,
    /// What is in force does not work, and nothing listed is better.
    Stuck,
    /// Somebody chose what is in force.
    Overridden,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 7] = [
        Self::Home,
        Self::Waiting,
        Self::Moving,
        Self::Trial,
        Self::Away,
        Self::Stuck,
        Self::Overridden,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Waiting => "waiting",
            Self::Moving => "moving",
            Self::Trial => "trial",
            Self::Away => "away",
            Self::Stuck => "stuck",
            Self::Overridden => "overridden",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
