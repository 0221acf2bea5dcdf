//! The lock-out guard: a ruleset is loaded, and taken back unless somebody who can still get in says that it may stay.
//!
//! ```text
//! tsctl firewall apply FILE ─▶ what it will do is written down ─▶ guardians wait ─▶ nft loads FILE
//!                                                                       │
//! tsctl firewall confirm ───────▶ it stays          unless ◀────────────┴──▶ at the deadline: the former table is back
//! ```
//!
//! What can go wrong between two steps leaves the former rules live, or guardians that bring them back. Read in this order:
//!
//! - [`table_file`] reads the new ruleset and takes only what putting one table back can undo;
//! - [`phase`] names where a change stands, and [`decide`] says what comes next from there, from what has just happened and
//!   from the time ([`moment`]); these are pure, and their tests go through every way in which the processes can meet or die;
//! - `store` is the state directory, `nft` the program, `guardian` what waits; `work` does what is decided;
//! - `apply`, `confirm`, `revert`, `pending` are the commands, `guard` is what a guardian runs.
//!
//! Apart from all that, `status` shows what the table that is loaded admits, counts and drops; [`listing`] reads what nft
//! lists.

mod apply;
pub mod change;
mod confirm;
pub mod decide;
mod guard;
mod guardian;
pub mod listing;
pub mod moment;
mod nft;
mod pending;
pub mod phase;
mod place;
mod revert;
mod settlement;
mod status;
mod store;
pub mod table_file;
pub mod table_name;
mod work;

pub(crate) use self::status::zones_at_a_glance;

use clap::{Args, Subcommand};

use super::Streams;
use super::failure::Failure;
use super::status::Status;

/// Load a ruleset without locking yourself out, and see what it does
#[derive(Debug, Args)]
pub(crate) struct Firewall {
    #[command(flatten)]
    place: place::Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Apply(apply::Apply),
    /// Keep the rules that were applied
    ///
    /// Whether this or the end of the time comes first is decided once; what is printed is what happened.
    Confirm,
    /// Put the former rules back at once
    Revert,
    Pending(pending::Pending),
    Status(status::Status),
    #[command(hide = true)]
    Guard(guard::Guard),
}

impl Firewall {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        match &self.command {
            Command::Apply(apply) => apply.run(&self.place, streams),
            Command::Confirm => confirm::run(&self.place, streams),
            Command::Revert => revert::run(&self.place, streams),
            Command::Pending(pending) => pending.run(&self.place, streams),
            Command::Status(status) => status.run(streams),
            Command::Guard(guard) => guard.run(&self.place.store()?),
        }
    }
}
