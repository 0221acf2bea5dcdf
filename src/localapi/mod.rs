//! tailscaled's local API: HTTP/1.1 over a unix socket, `/localapi/v0/…`.
//!
//! Upstream calls it "not necessarily stable", and each version has fields that another has not. Therefore everything
//! that is read here is tolerant: unknown fields are passed over, missing ones and `null` have a meaning, an unknown state
//! is kept as text. Where the facts come from: the source of tailscale 1.103.0 (`ipn/localapi`, `ipn/ipnstate`, `ipn`), and
//! captures of 1.102.3 and 1.96.5, on which the tests stand.
//!
//! Read in this order:
//!
//! - [`LocalApi`] makes a connection for each request, asks under a time limit ([`Patience`]) and hands back what
//!   came or an [`Error`]; the four shapes in which tailscaled says that something is wrong are read in `complaint`,
//!   what to type about it is said by the error;
//! - `sieve` takes the peers out of a status while it comes, so that thousands of them are never held as text;
//! - `endpoint` has a file for each endpoint, `data` the types that they read and write;
//! - [`Bus`] is the stream of notifications, [`Follower`] what stays informed through it, however old the daemon.

mod bus;
mod client;
mod complaint;
mod connection;
mod daemon;
pub mod data;
mod endpoint;
mod error;
mod follower;
mod patience;
mod reply;
mod request;
mod sieve;

pub use self::bus::Bus;
pub use self::client::{LocalApi, SOCKET};
pub use self::daemon::Daemon;
pub use self::error::{Error, Right};
pub use self::follower::{Event, Follower};
pub use self::patience::Patience;
