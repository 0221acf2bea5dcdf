//! The host's program: what it says of itself, by each of its names.

use std::os::unix::fs::symlink;

use snapbox::str;

use crate::support::run::{Ended, Place, TSCTL};

/// The names that it answers to.
const NAMES: [&str; 2] = ["tsctl", "another"];

#[test]
fn it_answers_the_same_by_every_name() {
    let place = Place::new();
    for name in NAMES {
        symlink(TSCTL, place.path(name)).expect("a link");
        let run = |argument: &str| Ended::of(place.command(place.path(name)).arg(argument));
        let version = format!("tsctl {}\n", env!("CARGO_PKG_VERSION"));
        run("--version").status(0).out(version).err("");
        run("--help").status(0).err("").out(snapbox::file!["help/tsctl.txt"]);
        let said = run("later");
        said.status(64).out("");
        assert!(said.stderr().contains("unrecognized subcommand"), "{}", said.stderr());
    }
}

#[test]
fn a_name_of_its_own_is_a_command() {
    let place = Place::new();
    for (name, help) in [
        ("fw-status", snapbox::file!["help/fw-status.txt"]),
        ("ts-status", snapbox::file!["help/ts-status.txt"]),
        ("ts-quality", snapbox::file!["help/ts-quality.txt"]),
        ("ts-benchmark", snapbox::file!["help/ts-benchmark.txt"]),
        ("ts-auth", snapbox::file!["help/ts-auth.txt"]),
        ("ts-cert", snapbox::file!["help/ts-cert.txt"]),
        ("nginx-test", snapbox::file!["help/nginx-test.txt"]),
        ("nginx-logs", snapbox::file!["help/nginx-logs.txt"]),
        ("ts-monitor", snapbox::file!["help/ts-monitor.txt"]),
        ("ts-monitor-logs", snapbox::file!["help/ts-monitor-logs.txt"]),
    ] {
        symlink(TSCTL, place.path(name)).expect("a link");
        let run = |argument: &str| Ended::of(place.command(place.path(name)).arg(argument));
        let version = format!("tsctl {}\n", env!("CARGO_PKG_VERSION"));
        run("--version").status(0).out(version).err("");
        run("--help").status(0).err("").out(help);
        run("--now").status(64).out("");
    }
}

#[test]
fn it_says_what_there_is() {
    Ended::of(&mut Place::new().command(TSCTL))
        .status(64)
        .out("")
        .err(str![[r#"
Watches the tailnet of this host, and answers what its operator asks

Usage: tsctl <COMMAND>

Commands:
  firewall      Load a ruleset without locking yourself out, and see what it does
  status        Show how this node is, what it uses and offers, and its peers
  quality       Measure how good the ways to peers and relays are
  auth          Show who is logged in, until when, and how to log in
  cert          Show the certificates that this node can have, or have them renewed
  nginx         See whether nginx takes its configuration, and what it logged
  metrics       Print the metrics of the monitor, alert rules for Prometheus, or a dashboard for
                Grafana
  monitor       Watch the tailnet of this host, and fail over where the settings say so
  failover      See what the monitor does about failures, and have it do otherwise
  why           Say why the monitor did what it did
  monitor-logs  Show what the monitor said
  doctor        Look at everything that a tailnet needs on this machine
  benchmark     Measure how much goes through the tailnet, and what that does to everything else

Options:
  -h, --help     Print help (see more with '--help')
  -V, --version  Print version

"#]]);
}
