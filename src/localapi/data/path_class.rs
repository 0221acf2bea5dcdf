//! How packets get to a peer.

use super::peer::Peer;

/// How packets get to a peer. `Relay` of a peer is always its home region, therefore the order in which this is found out
/// matters: as tailscale's own command does it, idle first, then direct, then through a peer, then through DERP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathClass {
    /// No packet went to it lately.
    Idle,
    /// To this address and port.
    Direct(String),
    /// Through this peer relay.
    PeerRelay(String),
    /// Through the DERP region with this code. A path begins so, until a direct one is found.
    Derp(String),
    /// There is no way to it.
    None,
}

impl PathClass {
    /// The path to that peer, out of what its status says.
    pub(super) fn of(peer: &Peer) -> Self {
        if !peer.active {
            Self::Idle
        } else if !peer.cur_addr.is_empty() {
            Self::Direct(peer.cur_addr.clone())
        } else if !peer.peer_relay.is_empty() {
            Self::PeerRelay(peer.peer_relay.clone())
        } else if !peer.relay.is_empty() {
            Self::Derp(peer.relay.clone())
        } else {
            Self::None
        }
    }
}
