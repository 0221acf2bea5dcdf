//! What a user waits for: `tailwright` as a whole process, from start to exit, with its peak memory. Beside it, in the same
//! run, Nix evaluating what was rendered.
//!
//! Figures are of this machine; the ratio and the course from 10 to 1,000 hosts travel. A figure over its budget is marked,
//! and the exit status is then 1.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark runs programs and the clock"
)]
#![allow(unreachable_pub, reason = "nothing outside this binary can reach it anyway")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use support::nix::Nix;
use support::scratch::Scratch;

/// What one row may take at most, on the machine that CI runs on.
struct Budget {
    time: Duration,
    megabytes: f64,
}

/// Runs of one command.
struct Runs {
    times: Vec<Duration>,
    megabytes: f64,
}

impl Runs {
    /// Times `count` runs, and watches the memory of a few more.
    fn of(count: usize, mut command: impl FnMut() -> Command) -> Self {
        let mut start = || {
            let mut command = command();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().expect("the program starts")
        };
        let mut times: Vec<Duration> = (0..count)
            .map(|_| {
                let begin = Instant::now();
                let status = start().wait().expect("it ends");
                let time = begin.elapsed();
                assert!(status.success(), "it ended with {status}");
                time
            })
            .collect();
        times.sort();
        let megabytes = (0..9).map(|_| peak(start())).fold(0.0, f64::max);
        Self { times, megabytes }
    }

    fn median(&self) -> Duration {
        self.times[self.times.len() / 2]
    }

    /// Prints the row; whether it kept its budget.
    fn print(&self, what: &str, budget: Option<&Budget>) -> bool {
        let kept = budget.is_none_or(|budget| self.median() <= budget.time && self.megabytes <= budget.megabytes);
        let slowest = self.times[self.times.len() - 1];
        println!(
            "{what:<44} {:>9.2} ms {:>9.2} ms {:>8.1} MB{}",
            milliseconds(self.median()),
            milliseconds(slowest),
            self.megabytes,
            if kept { "" } else { "  OVER ITS BUDGET" },
        );
        kept
    }
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = Scratch::new();
    let mut kept = true;
    println!(
        "{:<44} {:>12} {:>12} {:>11}",
        "whole process", "median", "slowest", "peak"
    );

    let guide = root.join("examples/kernelcore/host.nix");
    let tree = scratch.path().join("guide");
    let mut fresh = Fresh::below(scratch.path());
    let budget = Budget {
        time: Duration::from_millis(10),
        megabytes: 20.0,
    };
    let render = Runs::of(101, || tailwright("render", &guide, Some(&fresh.path())));
    kept &= render.print("render the guide's host", Some(&budget));
    kept &=
        Runs::of(101, || tailwright("render", &guide, Some(&tree))).print("again, nothing to change", Some(&budget));
    kept &= Runs::of(101, || tailwright("check", &guide, None)).print("check it", Some(&budget));

    let mut per_host = Vec::new();
    for hosts in [10, 100, 1000] {
        let profile = scratch.write(format!("fleet{hosts}.json"), fleet(root, hosts).to_string());
        let count = if hosts == 1000 { 5 } else { 21 };
        let check = Runs::of(count, || tailwright("check", &profile, None));
        check.print(&format!("check a fleet of {hosts} hosts"), None);
        let render = Runs::of(count, || tailwright("render", &profile, Some(&fresh.path())));
        let budget = Budget {
            time: Duration::from_secs(1),
            megabytes: 200.0,
        };
        kept &= render.print(&format!("check and render it ({hosts} hosts)"), Some(&budget));
        per_host.push((hosts, render.median() / hosts));
    }
    for (hosts, time) in &per_host {
        println!("  a host of {hosts:>4} costs {:>7.3} ms", milliseconds(*time));
    }
    let flat = per_host[2].1 <= per_host[0].1 * 3 / 2;
    println!(
        "  the cost of a host {} with the fleet",
        if flat { "does not grow" } else { "GROWS" }
    );
    kept &= flat;

    if let Some(nix) = Nix::new() {
        // The modules name the encrypted file beside them, and Nix wants to see it.
        let secrets = tree.join("secrets");
        std::fs::create_dir_all(&secrets).expect("a directory in the tree");
        std::fs::write(secrets.join("tailscale.yaml"), "").expect("a file in the tree");
        let mut times: Vec<Duration> = (0..7)
            .map(|_| {
                let start = Instant::now();
                nix.record(&[&tree]).expect("the rendered tree evaluates");
                start.elapsed()
            })
            .collect();
        times.sort();
        let ratio = times[3].as_secs_f64() / render.median().as_secs_f64();
        println!(
            "nix-instantiate on that host's modules: {:.0} ms, {ratio:.0} times the render",
            milliseconds(times[3])
        );
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Directories that do not exist yet, one for each run.
struct Fresh {
    below: PathBuf,
    used: u32,
}

impl Fresh {
    fn below(path: &Path) -> Self {
        Self {
            below: path.to_owned(),
            used: 0,
        }
    }

    fn path(&mut self) -> PathBuf {
        self.used += 1;
        self.below.join(format!("fresh{}", self.used))
    }
}

fn tailwright(verb: &str, profile: &Path, out: Option<&PathBuf>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tailwright"));
    command.arg(verb).arg(profile);
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    command
}

/// A fleet of so many model servers, each with a name and an address of its own.
fn fleet(root: &Path, hosts: u32) -> Value {
    let text = std::fs::read_to_string(root.join("examples/llm-server/host.toml")).expect("the example");
    let example: Value = toml::from_str(&text).expect("the example is TOML");
    let hosts: Map<String, Value> = (0..hosts)
        .map(|number| {
            let name = format!("llm{number:04}");
            let mut host = example.clone();
            host["host"]["name"] = json!(name);
            host["host"]["interfaces"]["eno1"]["prefixes"] =
                json!([format!("10.20.{}.{}/24", number / 250, number % 250 + 1)]);
            host["network"]["vpn"]["tailscale"]["hostname"] = json!(name);
            (name, host)
        })
        .collect();
    json!({ "tailnet": { "domain": "tail12345.ts.net" }, "hosts": hosts })
}

/// The most memory that the process had resident, in megabytes, from `/proc/PID/status`. (The figure of wait4(2) would be
/// ours: it counts what the process was before it became the program.)
fn peak(mut process: Child) -> f64 {
    let status = format!("/proc/{}/status", process.id());
    let mut kilobytes = 0.0;
    while process.try_wait().expect("it is our child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes = now.unwrap_or(kilobytes);
    }
    kilobytes * 1024.0 / 1e6
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
