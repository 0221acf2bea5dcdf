//! What the integration tests stand on: the real parts, and the places to run them in.
//!
//! Every harness here has a test of its own that shows it accepting good input and refusing bad input: a harness that
//! cannot refuse proves nothing.
//!
//! A harness that needs a part hands out `None` where a user's bare `cargo test` lacks it, and has noted by then that the
//! test is left out: `let Some(nix) = Nix::new() else { return };`. In CI and under `./test` it fails the test instead.

#![allow(dead_code, reason = "a harness offers more than the tests of one day use")]

pub mod door;
pub mod json_schema;
pub mod left_out;
pub mod monitor;
pub mod netns;
pub mod nginx;
pub mod nix;
pub mod packets;
pub mod probe;
pub mod rendered;
pub mod run;
pub mod scratch;
pub mod sysctl;
pub mod tailnet;
pub mod tailscaled;
pub mod tool;
pub mod traffic;
pub mod units;
