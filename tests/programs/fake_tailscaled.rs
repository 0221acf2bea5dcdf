//! A fake tailscaled to try commands on: `cargo run --example fake-tailscaled -- SOCKET [SCENARIO]`.
//!
//! SCENARIO is a file as described in `tests/support/tailscaled/scenario.rs`; without one it is a node that is up, with three
//! peers. It answers until it is ended.

#![allow(clippy::expect_used, clippy::panic, reason = "a test program fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test program reads its arguments, files and the clock"
)]
#![allow(unreachable_pub, dead_code, reason = "it is shared with the tests")]

use std::path::Path;
use std::process::ExitCode;

#[path = "../support"]
mod support {
    pub mod scratch;
    pub mod tailscaled;
}

use support::tailscaled::Tailscaled;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (socket, scenario) = match arguments.as_slice() {
        [socket] => (socket, "base = 'running'".to_owned()),
        [socket, file] => (socket, std::fs::read_to_string(file).expect("the scenario can be read")),
        _ => return ExitCode::from(64),
    };
    let _fake = Tailscaled::play_at(Path::new(socket), &scenario);
    loop {
        std::thread::park();
    }
}
