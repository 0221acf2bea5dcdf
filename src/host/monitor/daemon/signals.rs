//! The signals that mean something.

use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Woken;
use crate::host::failure::Failure;

/// The signals that mean something: SIGHUP, SIGTERM and SIGINT.
pub(super) struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Waits for them from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        let open =
            |kind| signal(kind).map_err(|error| Failure::Program(format!("failed to wait for signals: {error}")));
        Ok(Self {
            hang_up: open(SignalKind::hangup())?,
            terminate: open(SignalKind::terminate())?,
            interrupt: open(SignalKind::interrupt())?,
        })
    }

    /// What the next one means. It may be given up and called again.
    pub(super) async fn next(&mut self) -> Woken {
        tokio::select! {
            Some(()) = self.hang_up.recv() => Woken::Reload,
            Some(()) = self.terminate.recv() => Woken::End { asks: true },
            Some(()) = self.interrupt.recv() => Woken::End { asks: false },
            else => pending().await,
        }
    }
}
