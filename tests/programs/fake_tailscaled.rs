//! A fake tailscaled to try commands on: `cargo run --example fake-tailscaled -- SOCKET [SCENARIO]`.
//!
//! SCENARIO is a file as described in `tests/support/tailscaled/scenario.rs`; without one it is a node that is up, with three
//! peers. It answers until it is ended.

#![allow(clippy::expect_used, clippy::panic, reason = "a test program fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test program reads its arguments, files and the clock"
)]
#![allow(clippy::print_stderr, reason = "it says there what is wrong")]
#![allow(unreachable_pub, dead_code, reason = "it is shared with the tests")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

#[path = "../support"]
mod support {
    pub mod scratch;
    pub mod tailscaled;
}

use support::tailscaled::{Scenario, Tailscaled};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (socket, file) = match arguments.as_slice() {
        [socket] => (socket, None),
        [socket, file] => (socket, Some(file)),
        _ => {
            eprintln!("usage: fake-tailscaled SOCKET [SCENARIO]");
            return ExitCode::from(64);
        }
    };
    let Err((status, said)) = play(Path::new(socket), file.map(Path::new));
    eprintln!("{said}");
    ExitCode::from(status)
}

/// Plays it for ever; the exit status, and why it cannot.
fn play(socket: &Path, file: Option<&Path>) -> Result<std::convert::Infallible, (u8, String)> {
    let name = file.unwrap_or(Path::new("-")).display();
    let text = file.map_or(Ok(String::new()), std::fs::read_to_string);
    let text = text.map_err(|error| (74, format!("{name}: {error}")))?;
    let scenario = Scenario::read(&text).map_err(|wrong| (1, format!("{name}: {wrong}")))?;
    let mut fake = Tailscaled::prepare_at(socket, &scenario).map_err(|said| (74, said))?;
    fake.begin();
    while !fake.is_played() {
        std::thread::sleep(Duration::from_millis(100));
    }
    fake.end().map_err(|said| (74, said))?;
    loop {
        std::thread::park();
    }
}
