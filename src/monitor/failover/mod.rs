//! The failover machine: from a state, an event and the time to a new state, what is to be done, and when to look again.
//!
//! What may be changed is a [`Setting`]; the settings that exclude each other form a [`Subject`] (all exit nodes are one).
//! For each subject the [`Plan`] has a [`Ladder`]: the setting that is wanted, and those to move to, ranked. The machine
//! keeps a [`Track`] per subject: what is in force, how each setting is doing, and who chose it.
//!
//! [`step()`] is the only entrance, [`Machine`] what keeps the state between two steps; `docs/failover.md` has the diagram and the table of all transitions.

mod action;
mod alarm;
mod choice;
mod clock_step;
mod event;
mod health;
mod ladder;
mod late;
mod machine;
mod obstacle;
mod penalty;
mod phase;
mod plan;
mod safety;
mod setting;
mod state;
mod step;
mod track;

pub use action::{Action, Answer, Refusal};
pub use alarm::Alarm;
pub use event::{Command, Ending, Event, Outcome};
pub use health::{Health, Threshold};
pub use ladder::{Ladder, Rung};
pub use late::Late;
pub use machine::Machine;
pub use obstacle::{Obstacle, Unfit};
pub use penalty::Penalty;
pub use phase::Phase;
pub use plan::{Mode, OnStop, Plan, RestartLimit};
pub use safety::Safety;
pub use setting::{ExitNodeUse, Setting, Subject};
pub use state::{Pause, State, StateError};
pub use step::{Step, step};
pub use track::{Chosen, Moving, Override, Settling, Track, Trial};

#[cfg(test)]
mod tests;
