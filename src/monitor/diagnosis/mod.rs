//! Which layer failed.
//!
//! The driver says what works and what does not ([`Observations`]); [`diagnose`] says which failures are causes, and which
//! only follow from one below. Only causes are told to people and to the failover machine. A tailscaled that comes up rests on
//! the control plane; one that is up does not.
//!
//! ```text
//!   service   subnet router   exit node
//!        \          |          /     \
//!         ────── peer ────────        \
//!               /     \                \
//!     tailscaled       relays   control \
//!    (runs, is up)          \    /  \    \
//!                            \  /  resolver
//!                           internet ─┘
//!                               |
//!                       router of the LAN
//!                               |
//!                              link
//! ```

mod cause;
mod layer;
mod observations;

pub use cause::{Diagnosis, Failure, Notice, diagnose};
pub use layer::{DaemonFault, Layer};
pub use observations::{Daemon, ExitNode, Observations, Sighting, Through};
