//! Asking: what [`watch`](crate::monitor::watch) wants to know, by sockets, files and tailscaled.
//!
//! No probe needs a privilege: a socket may be bound to an interface by anybody (since Linux 5.7), echoes go by the sockets that
//! `net.ipv4.ping_group_range` allows, and tailscaled pings for every user. Each has its own time limit, and what is dropped is
//! closed.
//!
//! [`Prober`] asks one thing, `reach` the first of several; `bound` makes the sockets, `names` finds addresses without a thread
//! that would wait for them, `links` reads the host's own network.

mod bound;
pub(crate) mod dns;
mod echo;
mod http;
mod links;
mod names;
mod ping;
mod places;
mod prober;
mod reach;
mod relay;
mod tailnet;
mod tcp;
mod trouble;

pub(crate) use bound::random;
pub(super) use http::config as trusted;
pub use places::Places;
pub use prober::Prober;
pub use tailnet::tailnet;
pub(crate) use trouble::Trouble;
