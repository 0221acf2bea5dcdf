//! Where packets go.

use std::time::Duration;

use super::world::World;

/// What carries packets as tailscaled wants it. Without one, the [`World`] alone says what answers.
pub trait DataPath: Send + Sync {
    /// From now on as this one wants it; `None`: nobody does, tailscaled is away. It is called after whatever may have
    /// changed something.
    fn apply(&self, world: Option<&World>);

    /// How long a packet to the node with this address, and the answer, took; `None` where none came.
    fn ping(&self, address: &str) -> Option<Duration>;
}
