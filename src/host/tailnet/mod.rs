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
pub(crate) mod listeners;
pub(crate) mod login;
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
pub(crate) use self::certificate::{Certificate, end as certificate_end};
pub(crate) use self::certificate_seen::SOON as CERTIFICATE_SOON;
pub(crate) use self::pong::micros;
#[cfg(test)]
pub(crate) use self::quality::RegionAnswers;
pub(crate) use self::quality::{
    Figures, Nat, Plan, Quality, RelayAnswers, Target, choose, figures_of, measure_relays, millis_text, nat,
};
pub(crate) use self::quantity::{bits, bytes};
pub(crate) use self::socket_args::{SocketArgs, block_on};
#[cfg(test)]
pub(crate) use self::status::Peers;
pub(crate) use self::status::{NodeStatus, PathKind, Status, StatusFacts, judge};
pub(crate) use self::unasked::unasked;
pub(crate) use self::when::{ends, expires, span};
