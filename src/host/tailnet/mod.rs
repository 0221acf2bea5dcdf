//! The commands that ask tailscaled.
//!
//! - [`Status`]: how this node is, what it uses and offers, and the peers.
//!
//! What they need from outside is asked for in one place each: `socket_args` (tailscaled), `certificate` (files),
//! `listeners` (the kernel); what is made of it is pure.

mod certificate;
mod listeners;
mod quantity;
mod socket_args;
mod status;
mod when;

pub(crate) use self::status::Status;
