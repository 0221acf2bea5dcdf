//! The commands of `tsctl`, the program on the host.
//!
//! - [`firewall`] loads a ruleset so that it cannot lock its operator out, and shows what the one that is loaded does.
//! - `tailnet` has those that ask tailscaled: `status`, `quality`, `auth`, `cert`.
//! - `nginx` asks the nginx of the system; `metrics` prints what Prometheus and Grafana are given.
//! - `doctor` looks at everything that a tailnet needs on this machine; `benchmark` measures what goes through it.
//! - `show` is how the commands that only look show what they saw: tables, JSON, once or again and again.
//! - `monitor` is the daemon that measures and fails over, `failover` the commands that speak to it.
//! - `why` and `monitor_logs` show what the monitor did and said, whether it runs or not.

mod benchmark;
mod clock;
mod deployed;
mod doctor;
mod failover;
mod failure;
pub mod firewall;
mod metrics;
pub mod monitor;
mod monitor_logs;
mod nginx;
mod program;
mod show;
mod status;
mod tailnet;
mod unknown;
mod why;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

use clap::{Parser, Subcommand};

pub use self::status::Status;

/// Watches the tailnet of this host, and answers what its operator asks.
///
/// The program is the same under each of these names: tsctl, ts-status, ts-quality, ts-benchmark, ts-monitor,
/// ts-monitor-logs, ts-cert, ts-auth, fw-status, nginx-test, nginx-logs.
#[derive(Debug, Parser)]
#[command(name = "tsctl", version, disable_help_subcommand = true)]
struct Tsctl {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Firewall(firewall::Firewall),
    Status(tailnet::Status),
    Quality(tailnet::Quality),
    Auth(tailnet::Auth),
    Cert(tailnet::Cert),
    Nginx(nginx::Nginx),
    Metrics(metrics::Metrics),
    Monitor(monitor::Monitor),
    Failover(failover::Failover),
    Why(why::Why),
    MonitorLogs(monitor_logs::MonitorLogs),
    Doctor(doctor::Doctor),
    Benchmark(benchmark::Benchmark),
}

/// Where a command writes.
pub(crate) struct Streams<'a> {
    /// For results.
    pub(crate) out: &'a mut dyn Write,
    /// For everything that is said about the work.
    pub(crate) err: &'a mut dyn Write,
}

/// Runs the program with its arguments and says how it ended. The first argument is the name that it was called by.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Status {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut streams = Streams {
        out: &mut out,
        err: &mut err,
    };
    let done = match read(arguments) {
        Ok(Command::Firewall(firewall)) => firewall.run(&mut streams),
        Ok(Command::Status(status)) => status.run(&mut streams),
        Ok(Command::Quality(quality)) => quality.run(&mut streams),
        Ok(Command::Auth(auth)) => auth.run(&mut streams),
        Ok(Command::Cert(cert)) => cert.run(&mut streams),
        Ok(Command::Nginx(nginx)) => nginx.run(&mut streams),
        Ok(Command::Metrics(metrics)) => metrics.run(&mut streams),
        Ok(Command::Monitor(monitor)) => monitor.run(&mut streams),
        Ok(Command::Failover(failover)) => failover.run(&mut streams),
        Ok(Command::Why(why)) => why.run(&mut streams),
        Ok(Command::MonitorLogs(logs)) => logs.run(&mut streams),
        Ok(Command::Doctor(doctor)) => doctor.run(&mut streams),
        Ok(Command::Benchmark(benchmark)) => benchmark.run(&mut streams),
        Err(answer) => {
            // Nothing can be done about a closed stream.
            let _ = answer.print();
            return if answer.use_stderr() {
                Status::Usage
            } else {
                Status::Success
            };
        }
    };
    done.unwrap_or_else(|failure| {
        // That standard error cannot be written has nowhere to go.
        let _ = writeln!(streams.err, "tsctl: {failure}");
        failure.status()
    })
}

/// The command that the program is, by the name that it was called by.
fn command_of(called: &OsStr) -> &'static [&'static str] {
    match Path::new(called).file_name().and_then(OsStr::to_str) {
        Some("fw-status") => &["firewall", "status"],
        Some("ts-status") => &["status"],
        Some("ts-quality") => &["quality"],
        Some("ts-benchmark") => &["benchmark"],
        Some("ts-auth") => &["auth"],
        Some("ts-cert") => &["cert"],
        Some("nginx-test") => &["nginx", "test"],
        Some("nginx-logs") => &["nginx", "logs"],
        Some("ts-monitor") => &["monitor"],
        Some("ts-monitor-logs") => &["monitor-logs"],
        _ => &[],
    }
}

/// What the arguments ask for; otherwise the answer itself (`--help`), or what is wrong with them.
fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, clap::Error> {
    let mut arguments = arguments.into_iter();
    let called = arguments.next().unwrap_or_default();
    let given: Vec<OsString> = arguments.collect();
    // The version is that of the program, whatever it is called.
    let asks_version = given.len() == 1 && given.iter().all(|flag| flag == "--version" || flag == "-V");
    let command = if asks_version { &[] } else { command_of(&called) };
    let own_name = ["tsctl"].iter().chain(command).map(OsString::from);
    Ok(Tsctl::try_parse_from(own_name.chain(given))?.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(arguments: &[&str]) -> clap::Error {
        read(arguments.iter().map(OsString::from)).expect_err("no command")
    }

    #[test]
    fn the_name_it_is_called_by_does_not_matter() {
        for flag in ["--version", "--help"] {
            let own = answer(&["tsctl", flag]);
            assert!(!own.use_stderr(), "{own}");
            for name in ["another", "/run/current-system/sw/bin/tsctl", ""] {
                assert_eq!(answer(&[name, flag]).to_string(), own.to_string());
            }
        }
    }

    #[test]
    fn a_name_of_its_own_is_a_command() {
        assert!(matches!(
            read(["ts-status", "--json"].map(OsString::from)),
            Ok(Command::Status(_))
        ));
        assert!(matches!(
            read(["ts-monitor", "--dry-run"].map(OsString::from)),
            Ok(Command::Monitor(_))
        ));
        for name in ["fw-status", "/run/current-system/sw/bin/fw-status"] {
            let help = answer(&[name, "--help"]).to_string();
            assert!(help.contains("tsctl firewall status [OPTIONS]"), "{help}");
            assert!(!answer(&[name, "--version"]).use_stderr());
            let given = read([name, "--json", "--watch=1s"].map(OsString::from)).expect("the command");
            assert!(matches!(given, Command::Firewall(_)));
        }
    }

    /// The words of a command as a shell has them.
    fn words(command: &str) -> Vec<OsString> {
        let mut words = Vec::new();
        for (number, part) in command.split(['"', '\'']).enumerate() {
            if number % 2 == 1 {
                words.push(part.into());
            } else {
                words.extend(part.split_whitespace().map(OsString::from));
            }
        }
        words
    }

    /// What people are told to type stands in the source, or in what is drawn of examples.
    #[test]
    fn every_command_that_people_are_told_to_type_is_one() {
        let mut directories = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut found = 0;
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("our own source") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("text");
                let is_source = path.extension().is_some_and(|extension| extension == "rs");
                let shown: Vec<&str> = if is_source {
                    let parts: Vec<&str> = text.split('"').collect();
                    let titles = parts.windows(2).filter(|pair| !pair[0].ends_with("title = "));
                    titles.map(|pair| pair[1]).collect()
                } else {
                    text.lines().map(str::trim).collect()
                };
                for shown in shown {
                    let command = shown.strip_prefix("sudo ").unwrap_or(shown);
                    // Patterns, and what is put together, are no commands yet.
                    let is_whole = !command.contains(['{', ',', '\n', '\\', '`', '<', '[']);
                    if !command.starts_with("tsctl ") || command == "tsctl " || !is_whole {
                        continue;
                    }
                    let read = read(words(command));
                    assert!(read.is_ok(), "{}: {shown}: {}", path.display(), read.unwrap_err());
                    found += 1;
                }
            }
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn nothing_else_is_a_command() {
        for arguments in [&["tsctl"][..], &["tsctl", "later"], &["ts-benchmark", "--now"]] {
            assert!(answer(arguments).use_stderr(), "{arguments:?}");
        }
    }
}
