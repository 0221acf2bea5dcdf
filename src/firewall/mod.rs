//! The zone firewall: zones in, a typed nftables ruleset out, and its text.
//!
//! - [`ruleset`] has the types: one table with its chains, maps, sets and rules, each with the fields of the profile that
//!   are answerable for it.
//! - [`exposure()`] walks a ruleset with all packets at once and says what it lets through, and why.
//! - [`Difference`] says what becomes reachable and what stops being so when one ruleset takes the place of another.
//! - [`read`] reads a ruleset back from the text that it is printed to.
//! - [`trace`] follows one packet through a ruleset, and says what happens to it and why.
//! - [`compile()`] makes one of a host's zones; its documentation says which zone a packet belongs to, and in which order
//!   things are decided. [`closed()`] makes the one that holds until that is loaded.

mod compile;
pub mod difference;
pub mod exposure;
mod print;
pub mod read;
pub mod ruleset;
pub mod trace;

pub use compile::{CLOSED, closed, compile, flowtable};
pub use difference::Difference;
pub use exposure::{Exposure, Reach, exposure};
pub use ruleset::Ruleset;
pub use trace::Trace;
