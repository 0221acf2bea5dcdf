//! What to hear of on the bus.

use std::ops::BitOr;

/// What to hear of on the bus (`ipn.NotifyWatchOpt`). Older daemons pass over the bits that they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchMask(u64);

impl WatchMask {
    /// The state, at the beginning.
    pub const INITIAL_STATE: Self = Self(1 << 1);
    /// The preferences, at the beginning.
    pub const INITIAL_PREFS: Self = Self(1 << 2);
    /// The warnings, at the beginning.
    pub const INITIAL_HEALTH: Self = Self(1 << 7);
    /// The suggested exit node, at the beginning.
    pub const INITIAL_SUGGESTED_EXIT_NODE: Self = Self(1 << 10);
    /// The status with all peers, at the beginning (since 1.98).
    pub const INITIAL_STATUS: Self = Self(1 << 14);
    /// What changes of a peer, in pieces, and peers that come and go (since 1.98).
    pub const PEER_PATCHES: Self = Self(1 << 15);

    /// The number in the query.
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl BitOr for WatchMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
