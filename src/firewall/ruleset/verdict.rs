//! Verdicts.

use super::Name;

/// What happens to a packet, as a rule or an element of a map says it (nft(8), VERDICT STATEMENT).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It passes this base chain; others on the same hook still decide for themselves.
    Accept,
    /// It is gone, whatever other chains would say.
    Drop,
    /// Back to the rule after the last jump.
    Return,
    /// On with another chain, and back here at its end.
    Jump(Name),
    /// On with another chain; its end is the end of this one.
    Goto(Name),
}

impl Verdict {
    /// The chain that it leads to.
    pub fn target(&self) -> Option<&Name> {
        match self {
            Self::Jump(chain) | Self::Goto(chain) => Some(chain),
            Self::Accept | Self::Drop | Self::Return => None,
        }
    }
}
