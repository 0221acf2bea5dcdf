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

mod runs;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use runs::{Budget, Runs, milliseconds};
use serde_json::{Map, Value, json};
use support::nix::Nix;
use support::scratch::Scratch;

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
