//! `tailwright firewall`: questions about the zone firewall of a profile, one a file.

use clap::{Args, Subcommand};

use super::Done;
use super::console::Console;

/// Ask what the firewall of a profile does
#[derive(Debug, Args)]
pub(crate) struct Firewall {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {}

impl Firewall {
    pub(crate) fn run(&self, _console: &mut Console) -> Done {
        match self.question {}
    }
}
