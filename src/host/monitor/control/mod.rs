//! The socket of the monitor: how commands speak to it.
//!
//! HTTP/1.1 on a unix socket, [`SOCKET`]:
//!
//! A user holds a few connections at most, and is told to try again where it wants more; root, and the user that the monitor
//! runs as, are never kept out.
//!
//! - `GET /report`: the [`Report`](crate::monitor::Report) as JSON, for everybody;
//! - `GET /metrics`: the same as Prometheus reads it, for everybody;
//! - `POST /failover`: a [`Command`](crate::monitor::failover::Command) as JSON, answered with an
//!   [`Answer`](crate::monitor::failover::Answer); for root and the user that the monitor runs as (`SO_PEERCRED`, unix(7)).

mod client;
mod places;
mod server;

pub(crate) use self::client::{Unreached, ask, report};
pub(super) use self::server::{Question, Server};

/// Where the monitor has its socket and what else it has while it runs.
pub(crate) const RUNTIME_DIRECTORY: &str = "/run/tailwright-monitor";

/// The name of the socket below it.
pub(crate) const SOCKET: &str = "control.sock";

/// The longest body that is read, in bytes.
const LIMIT: usize = 16 << 20;
