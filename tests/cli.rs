//! The programs as a user meets them: what they print, how they end, and what they do to files.

#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes them so")]

mod atomic;
mod bad_input;
mod check;
mod compile;
mod diff;
mod explain;
mod exposure;
mod firewall;
mod help;
mod init;
mod man;
mod render;
mod schema;
mod streams;
mod tsctl;

/// A host with a little of everything that a small tree shows.
const HOST: &str = include_str!("cli/host.nix");
