//! How it is, all in all.

use schemars::JsonSchema;
use serde::Serialize;

use super::tone::Tone;
use crate::host::status::Status;

/// How it is, all in all; the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// As it should be: status 0.
    Good,
    /// It works, but somebody should look at it: status 1.
    Degraded,
    /// It does not work: status 2.
    Down,
    /// What would tell could not be asked: status 3.
    CannotTell,
}

impl State {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::CannotTell => "cannot tell",
        }
    }

    /// How the run ends that saw it.
    pub(crate) const fn status(self) -> Status {
        match self {
            Self::Good => Status::Success,
            Self::Degraded => Status::Degraded,
            Self::Down => Status::Down,
            Self::CannotTell => Status::CannotTell,
        }
    }

    /// How it is drawn.
    pub(crate) const fn tone(self) -> Tone {
        match self {
            Self::Good => Tone::Good,
            Self::Degraded | Self::CannotTell => Tone::Warning,
            Self::Down => Tone::Bad,
        }
    }
}
