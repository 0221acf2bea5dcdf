//! `tsctl nginx`: whether nginx takes its configuration, and what it logged.

mod logs;
mod test;
mod unit;

use clap::{Args, Subcommand};

use self::logs::Logs;
use self::test::Test;
pub(crate) use self::unit::Start;
use super::Streams;
use super::failure::Failure;
use super::status::Status;

/// See whether nginx takes its configuration, and what it logged
#[derive(Debug, Args)]
pub(crate) struct Nginx {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(Test),
    Logs(Logs),
}

impl Nginx {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        match &self.command {
            Command::Test(test) => test.run(streams),
            Command::Logs(logs) => logs.run(streams),
        }
    }
}

#[cfg(test)]
mod tests;
