//! `tailwright completions`.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::console::Console;
use super::status::Status;
use super::{Cli, Done};

/// Print the completions of a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        // The generator panics where it cannot write, so it writes to memory.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tailwright", &mut script);
        console.out.write_all(&script)?;
        Ok(Status::Success)
    }
}
