//! `tailwright finish-commit`: the process that puts the files of a `render` in place (see `files`). No command for people.

use std::io::Write;

use clap::Args;

use super::Done;
use super::console::Console;
use super::files;
use super::output;
use super::status::Status;

/// Put the files in place that the journal in the directory on standard input lists
#[derive(Debug, Args)]
pub(crate) struct FinishCommit {}

impl FinishCommit {
    #[allow(clippy::unused_self, reason = "every command has the same shape")]
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        match files::finish_commit(output::is_ours) {
            Ok(()) => Ok(Status::Success),
            Err(error) => {
                writeln!(console.out, "{error}")?;
                Ok(Status::Files)
            }
        }
    }
}
