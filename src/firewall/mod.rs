//! The zone firewall: zones in, a typed nftables ruleset out, and its text.
//!
//! - [`ruleset`] has the types: one table with its chains, maps, sets and rules, each with the fields of the profile that
//!   are answerable for it.
//! - [`compile()`] makes one of a host's zones; its documentation says which zone a packet belongs to, and in which order
//!   things are decided.

mod compile;
mod print;
pub mod ruleset;

pub use compile::compile;
pub use ruleset::Ruleset;
