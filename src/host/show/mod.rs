//! How the commands that only look show what they saw: for people, as JSON, once or again and again.
//!
//! A command takes a [`View`] and hands the way to take it to [`ShowArgs::show`]. The view draws itself on a [`Screen`],
//! most of it as [`Table`]s, and its data, as serde writes it, is what `--json` prints.

mod cell;
mod facts;
#[cfg(test)]
mod golden;
mod printable;
mod reason;
mod screen;
mod show_args;
mod state;
mod table;
mod tone;
mod view;
mod wrap;

pub(crate) use self::cell::Cell;
pub(crate) use self::facts::fact;
#[cfg(test)]
pub(crate) use self::golden::{drawn, golden, long_name, published};
pub(crate) use self::printable::printable;
pub(crate) use self::reason::{Reason, sort, worst};
pub(crate) use self::screen::Screen;
pub(crate) use self::show_args::{ShowArgs, interval};
pub(crate) use self::state::State;
pub(crate) use self::table::{Column, Table};
pub(crate) use self::tone::Tone;
pub(crate) use self::view::View;
pub(crate) use self::wrap::wrap;
