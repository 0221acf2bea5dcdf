//! How it is, all in all.

use schemars::JsonSchema;
use serde::Serialize;

use super::tone::Tone;
use crate::host::status::Status;

/// How it is, all in all; the later, the worse. What is known to be bad hides behind nothing that cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// As it should be: status 0.
    Good,
    /// What would tell could not be asked: status 3.
    CannotTell,
    /// It works, but somebody should look at it: status 1.
    Degraded,
    /// It does not work: status 2.
    Down,
}

impl State {
    /// The worst of them; good where there are none.
    pub(crate) fn worst(states: impl IntoIterator<Item = Self>) -> Self {
        states.into_iter().max().unwrap_or(Self::Good)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_bad_is_worse_than_what_cannot_be_told() {
        use State::{CannotTell, Degraded, Down, Good};
        assert_eq!(State::worst([CannotTell, Down, Good]), Down);
        assert_eq!(State::worst([Degraded, CannotTell]), Degraded);
        assert_eq!(State::worst([Good, CannotTell]), CannotTell);
        assert_eq!(State::worst([]), Good);
    }
}
