//! The monitor: what asks, decides and acts on this host.
//!
//! [`probes`] asks.

pub mod probes;
