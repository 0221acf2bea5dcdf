//! The commands of `tsctl`, the program on the host.
//!
//! This version answers `--version` and `--help`, under its own name and under those of the helper commands, so that a
//! host can be set up with all of them.
//!
//! - [`firewall`] loads a ruleset so that it cannot lock its operator out.

pub mod firewall;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

/// Watches the tailnet of this host, and answers what its operator asks.
///
/// The program is the same under each of these names: tsctl, ts-status, ts-quality, ts-benchmark, ts-monitor,
/// ts-monitor-logs, ts-cert, ts-auth, fw-status, nginx-test, nginx-logs.
#[derive(Debug, Parser)]
#[command(name = "tsctl", version, disable_help_subcommand = true, after_help = LATER)]
struct Tsctl {
    /// What a later version is asked for.
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

const LATER: &str = "The monitor and the helper commands come with a later version.";

/// Answers `--version` and `--help`. The first argument, the name that the program was called by, does not matter.
///
/// # Errors
/// Always one of clap's: the text of the answer itself, or a usage error for everything else.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), clap::Error> {
    let own_name = OsString::from("tsctl");
    let given = Tsctl::try_parse_from(std::iter::once(own_name).chain(arguments.into_iter().skip(1)))?;
    let message = match given.arguments.first() {
        Some(first) => format!("{:?} is not there yet. {LATER}", first.to_string_lossy()),
        None => format!("nothing to do yet. {LATER}"),
    };
    Err(Tsctl::command().error(ErrorKind::InvalidSubcommand, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(arguments: &[&str]) -> clap::Error {
        run(arguments.iter().map(OsString::from)).expect_err("there is nothing else yet")
    }

    #[test]
    fn the_name_it_is_called_by_does_not_matter() {
        for flag in ["--version", "--help"] {
            let own = answer(&["tsctl", flag]);
            assert!(!own.use_stderr(), "{own}");
            for name in ["ts-status", "/run/current-system/sw/bin/fw-status", ""] {
                assert_eq!(answer(&[name, flag]).to_string(), own.to_string());
            }
        }
    }

    #[test]
    fn everything_else_comes_later() {
        for arguments in [&["tsctl"][..], &["ts-quality", "peer"], &["tsctl", "--watch"]] {
            let said = answer(arguments);
            assert!(
                said.use_stderr() && said.to_string().contains("later version"),
                "{said}"
            );
        }
    }
}
