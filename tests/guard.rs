//! The lock-out guard on a real kernel: `tsctl firewall`, real nft, a network namespace, other programs' tables beside ours.
//!
//! Many changes run at once, each with a table and a state directory of its own, so that a test takes as long as one of them.

mod commands;
mod hostile;
mod killed;
mod races;
mod rulesets;
mod slot;
mod surroundings;
mod timer;
