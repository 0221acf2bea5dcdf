//! The lock-out guard: a ruleset is loaded, and taken back unless somebody who can still get in says that it may stay.
//!
//! Three parts are pure:
//!
//! - [`table_file`] reads the new ruleset and takes only what putting one table back can undo;
//! - [`phase`] names where a change stands, and [`decide`] says what comes next from there, from what has just happened and
//!   from the time ([`moment`]).

pub mod decide;
pub mod moment;
pub mod phase;
pub mod table_file;
pub mod table_name;
