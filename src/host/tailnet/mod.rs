//! The commands that ask tailscaled.
//!
//! - [`Status`]: how this node is, what it uses and offers, and the peers.
//! - [`Quality`]: how good the ways to the peers and relays are.
//! - [`Auth`]: who is logged in; [`Cert`]: the certificates of this node.
//!
//! What they need from outside is asked for in one place each: `socket_args` (tailscaled), `certificate` (files),
//! `listeners` (the kernel), `quality::pings` and `quality::relays` (the network); what is made of it is pure.

mod auth;
mod cert;
mod certificate;
mod certificate_seen;
mod listeners;
mod login;
pub(crate) mod nodes;
pub(crate) mod pong;
mod quality;
mod quantity;
pub(crate) mod socket_args;
mod status;
pub(crate) mod unasked;
pub(crate) mod when;

pub(crate) use self::auth::Auth;
pub(crate) use self::cert::Cert;
pub(crate) use self::quality::Quality;
pub(crate) use self::status::Status;
