//! Whether a fleet may become files: one rule a file, each with the page that `tailwright explain` prints.
//!
//! [`run`] asks every rule of the table about every host, lets the profile's `lint` weigh what they found, and hands out
//! a [`Checked`] fleet only where no error stands. A rule reads the model and asks the compilers what they would make of
//! it; it neither prints nor changes anything.

mod admission;
mod checked;
mod context;
mod exit_nodes;
mod files;
mod flags;
mod management;
mod nginx_text;
mod page;
mod rule;
mod rules;
#[cfg(test)]
mod tests;
mod weigh;

pub use checked::{Checked, run};
pub use page::page;
