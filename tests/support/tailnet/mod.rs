//! A small internet with a tailnet in it, for the monitor: real packets, real faults.
//!
//! ```text
//!                                             ┌ gate  203.0.113.11 ┐
//!   client ──── enp3s0 ── gateway ── net0 ────┤ spare 203.0.113.12 ├──── internet
//!   192.168.15.10         192.168.15.1        └ third 203.0.113.13 ┘     198.51.100.34 …35   relays (STUN)
//!                            │                                           198.51.100.53 …54   resolver, DNS of everybody
//!   desk 192.168.15.20 ──────┘                                           198.51.100.80       web, mail server
//! ```
//!
//! Each of them is a network namespace. On the client runs a fake tailscaled (in the test process), and its data plane is
//! real: `tailscale0` is a TUN device, what enters it is carried in UDP datagrams to the node that has the address (or to the
//! exit node in force), which sends it on, and masquerades what goes to the internet. Rules and table 52 are those that
//! tailscaled makes. A ping is a datagram on the same way: it is answered if one comes back.
//!
//! [`Topology`] makes the namespaces, [`Tunnel`] is the data plane, [`Services`] what is reached, [`Faults`] what can be
//! broken, [`Lab`] all of it, and [`Monitor`] the daemon under test in the client.
//!
//! Delay is made in the tunnel, loss by nft, slowness by tbf: netem is a module that many kernels come without.

#![allow(unused_imports, reason = "a bench uses less of it than the tests")]

mod address;
mod fault;
mod lab;
mod mail;
mod monitor;
mod nodes;
mod packet;
mod routes;
mod service;
mod settings;
mod topology;
mod tunnel;

pub use address::*;
pub use fault::Faults;
pub use lab::{Lab, PATIENCE, until};
pub use mail::Mail;
pub use monitor::{Ending, Monitor};
pub use nodes::world;
pub use service::{Broken, Services};
pub use settings::{Options, fast, nothing, settings};
pub use topology::Topology;
pub use tunnel::Tunnel;
