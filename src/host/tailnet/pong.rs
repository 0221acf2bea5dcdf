//! What answers to pings say.

use std::time::Duration;

use crate::localapi::data::Pong;
use crate::monitor::probe::PathClass;

/// The way that an answer to a disco ping came.
pub(crate) fn class(pong: &Pong) -> PathClass {
    if !pong.endpoint.is_empty() {
        PathClass::Direct
    } else if !pong.peer_relay.is_empty() {
        PathClass::PeerRelay
    } else {
        PathClass::Derp(pong.derp_region_code.clone())
    }
}

/// Whole microseconds.
pub(crate) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
