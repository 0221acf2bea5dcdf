//! `tsctl failover status`: what the monitor knows and does.
//!
//! [`seen`] has what is shown; [`judge`] makes it out of the monitor's report and says what is wrong, [`draw`] shows it to people.

mod draw;
mod judge;
mod seen;

use std::path::Path;
use std::time::Duration;

use clap::Args;

pub(crate) use self::seen::{ChosenBy, FailoverSeen};
use crate::host::failure::Failure;
use crate::host::monitor::control;
use crate::host::show::ShowArgs;
use crate::host::status::Status as Ended;
use crate::host::tailnet::socket_args::block_on;
use crate::host::{Streams, clock};
use crate::monitor::Report;

/// How long the monitor has for its report.
const PATIENCE: Duration = Duration::from_secs(3);

/// Show what the monitor knows and does
///
/// What is in force and who chose it, what may be put in force and how that is doing, what would be done next and what it waits
/// for, which layers have failed, and what is measured.
///
/// The exit status is 0 where all is good, 1 where somebody should look at something or the monitor does not run, 2 where
/// something does not work, 3 where the monitor could not be asked. Each reason is shown with the command that mends it or shows more.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    show: ShowArgs,
}

impl Status {
    pub(super) fn run(&self, streams: &mut Streams<'_>, runtime: &Path) -> Result<Ended, Failure> {
        self.show.show(streams, || {
            Ok(match block_on(control::report(runtime, PATIENCE))? {
                Ok(report) => judge::judge(&report),
                Err(why) => judge::unreached(&why, clock::wall()),
            })
        })
    }
}

/// What a report says, as it is shown.
pub(in crate::host) fn shown(report: &Report) -> FailoverSeen {
    judge::judge(report)
}

#[cfg(test)]
mod tests;
