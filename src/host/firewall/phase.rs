//! Where a guarded change stands.

use std::fmt;

/// Where a change stands. It is the first word of the name of the change's directory, so that every step from one phase
/// to the next is one rename(2): it happens or it does not, and of two processes that want it, one gets it.
///
/// ```text
///                       ┌──────────────▶ Reverting ──▶ Reverted
///             ┌─────────┴──┐ timeout,        ▲
/// Staged ──▶ Armed ──▶ Loaded ──┐  revert    │
///    │         └─ load failed ──│────────────┘
///    ▼                          ▼ confirm
/// Discarded                 Confirmed
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The former and the new rules are written down; nothing is loaded, nothing will be.
    Staged,
    /// Guardians are waiting; from here on the new rules may be live.
    Armed,
    /// The new rules are live and wait to be confirmed.
    Loaded,
    /// Somebody is putting the former rules back; whoever finds this after a crash does the same again.
    Reverting,
    /// The former rules are live again.
    Reverted,
    /// The new rules stay.
    Confirmed,
    /// Nothing was ever loaded.
    Discarded,
}

impl Phase {
    /// Every phase; each move leads from one of these to a later one.
    pub const ALL: [Self; 7] = [
        Self::Staged,
        Self::Armed,
        Self::Loaded,
        Self::Reverting,
        Self::Reverted,
        Self::Confirmed,
        Self::Discarded,
    ];

    /// The word for it, in the name of a directory and in `pending --json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Armed => "armed",
            Self::Loaded => "loaded",
            Self::Reverting => "reverting",
            Self::Reverted => "reverted",
            Self::Confirmed => "confirmed",
            Self::Discarded => "discarded",
        }
    }

    /// The phase of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// Whether the former rules may have to come back: no other change can begin meanwhile.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Armed | Self::Loaded | Self::Reverting)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for phase in Phase::ALL {
            assert_eq!(Phase::named(phase.name()), Some(phase));
        }
        assert_eq!(Phase::named("Armed"), None);
    }
}
