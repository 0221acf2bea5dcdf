//! The zone firewall: zones in, a typed nftables ruleset out, and its text.
//!
//! - [`ruleset`] has the types: one table with its chains, maps, sets and rules, each with the fields of the profile that
//!   are answerable for it.

mod print;
pub mod ruleset;

pub use ruleset::Ruleset;
