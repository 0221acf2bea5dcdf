//! What the commands of `tsctl` take as whole processes, against a tailscaled that answers at once; what its monitor takes
//! while it runs, beside a shell that does the same; and how long after a failure it has moved.
//!
//! Figures are of this machine. A figure over its budget is marked, and the exit status is then 1.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark runs programs and the clock"
)]
#![allow(unreachable_pub, reason = "nothing outside this binary can reach it anyway")]

mod daemon;
mod runs;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use runs::{Budget, Runs};
use support::tailscaled::{Tailscaled, World};

/// 8 MiB.
const MEMORY: f64 = 8.388_608;

fn main() -> ExitCode {
    if support::packets::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    let mut kept = true;
    println!(
        "{:<44} {:>12} {:>12} {:>11}",
        "whole process", "median", "slowest", "peak"
    );
    for (peers, millis) in [(3, 10), (100, 10), (5_000, 60)] {
        let mut world = World::running();
        world.add_peers(peers - 3);
        world.answer_status_at_once();
        let fake = Tailscaled::start(world);
        let budget = Budget {
            time: Duration::from_millis(millis),
            megabytes: MEMORY,
        };
        let runs = Runs::of(if peers > 1_000 { 21 } else { 101 }, || status(fake.socket()));
        kept &= runs.print(&format!("tsctl status, {peers} peers"), Some(&budget));
        kept &= beside_the_official_one(peers, &fake, &runs);
    }
    let fake = Tailscaled::start(World::running());
    fake.now("stop");
    let budget = Budget {
        time: Duration::from_millis(50),
        megabytes: MEMORY,
    };
    let runs = Runs::ending_with(2, 101, || status(fake.socket()));
    kept &= runs.print("tsctl status, tailscaled away", Some(&budget));
    kept &= daemon::print();
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same with the official command, where it is installed; whether ours was no slower.
fn beside_the_official_one(peers: u32, fake: &Tailscaled, ours: &Runs) -> bool {
    let is_installed = Command::new("tailscale").arg("version").output().is_ok();
    if !is_installed {
        if peers == 3 {
            println!(
                "  no tailscale here to compare with; its own was seen to take 4 ms and 12.7 MiB with 3 peers elsewhere"
            );
        }
        return true;
    }
    let official = Runs::of(if peers > 1_000 { 21 } else { 101 }, || {
        let mut command = Command::new("tailscale");
        command
            .arg(format!("--socket={}", fake.socket().display()))
            .arg("status");
        command
    });
    official.print(&format!("tailscale status, {peers} peers"), None);
    let is_no_slower = ours.median() <= official.median();
    println!("  ours is {}", if is_no_slower { "no slower" } else { "SLOWER" });
    is_no_slower
}

fn status(socket: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tsctl"));
    command.arg("status").arg("--socket").arg(socket);
    command
}
