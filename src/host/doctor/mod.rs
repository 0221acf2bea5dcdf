//! `tsctl doctor`: every check of this machine, each with what was found and what to type about it.
//!
//! [`look`] asks everybody and makes [`facts`]; [`judge`] has a pure function for each check of the table in [`check`]; the
//! rest shows what was [`seen`].

mod check;
mod draw;
mod facts;
mod judge;
mod look;
mod seen;

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use self::check::{CHECKS, Check, Need};
use self::facts::Facts;
use self::look::Places;
use self::seen::{CheckSeen, Examined};
use super::Streams;
use super::failure::Failure;
use super::monitor::CONFIG;
use super::monitor::control::RUNTIME_DIRECTORY;
use super::show::{ShowArgs, State, worst};
use super::status::Status as Ended;
use super::tailnet::{SocketArgs, block_on};

/// Look at everything that a tailnet needs on this machine
///
/// Runs every check and shows what is broken, each with the command that mends it, then what cannot be told, then what is
/// good. It changes nothing. Some checks need root: without it they say that they cannot tell.
///
/// The exit status is 2 where something is down, 1 where somebody should look at something, 3 where nothing bad was seen and
/// not everything could be looked at, 0 where all is good.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The checks to run; without any, all of them
    #[arg(value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    names: Vec<String>,
    /// List the checks instead of running them
    #[arg(long, conflicts_with = "names")]
    list: bool,
    /// The settings that were deployed
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// The directory of the monitor's socket; for tests
    #[arg(long, value_name = "DIR", default_value = RUNTIME_DIRECTORY, hide = true)]
    runtime_dir: PathBuf,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        CHECKS
            .iter()
            .map(|check| PossibleValue::new(check.id).help(check.title)),
    )
}

impl Doctor {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        if self.list {
            for check in CHECKS {
                writeln!(streams.out, "{:<14}{}", check.id, check.title)?;
            }
            return Ok(Ended::Success);
        }
        let chosen = self.chosen();
        let needs: Vec<Need> = chosen.iter().flat_map(|check| check.needs).copied().collect();
        let api = self.socket.client();
        self.show.show(streams, || {
            let places = Places {
                settings: &self.config,
                monitor: &self.runtime_dir,
            };
            let facts = block_on(look::look(&api, &places, &needs))?;
            Ok(examined(&facts, &chosen))
        })
    }

    fn chosen(&self) -> Vec<&'static Check> {
        let is_chosen = |check: &&Check| self.names.is_empty() || self.names.iter().any(|name| name == check.id);
        CHECKS.iter().filter(is_chosen).collect()
    }
}

/// What the checks say of the facts.
fn examined(facts: &Facts, checks: &[&Check]) -> Examined {
    let checks: Vec<CheckSeen> = checks
        .iter()
        .map(|check| {
            let outcome = (check.judge)(facts);
            CheckSeen {
                id: check.id.to_owned(),
                title: check.title.to_owned(),
                state: worst(&outcome.reasons),
                found: Some(outcome.found).filter(|found| !found.is_empty()),
                reasons: outcome.reasons,
            }
        })
        .collect();
    Examined {
        taken: facts.now.to_string(),
        state: State::worst(checks.iter().map(|check| check.state)),
        root: facts.is_root,
        checks,
    }
}

#[cfg(test)]
mod tests;
