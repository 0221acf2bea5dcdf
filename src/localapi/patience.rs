//! How long to wait.

use std::time::Duration;

/// How long tailscaled has for an answer. It answers most questions within milliseconds; it has no time limits of its own
/// that one could rely on: a ping to a peer that is gone is never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a whole exchange that tailscaled can answer by itself, and for the first line of a stream.
    pub usual: Duration,
    /// For a certificate: it may have to be issued first, with a DNS record that must spread.
    pub certificate: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            usual: Duration::from_secs(3),
            certificate: Duration::from_mins(3),
        }
    }
}
