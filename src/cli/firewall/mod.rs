//! `tailwright firewall`: questions about the zone firewall of a profile, one a file.

pub(super) mod entry;
mod exposure;
mod host;
mod line;
mod trace;

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
enum Question {
    Exposure(exposure::Exposure),
    Trace(trace::Trace),
}

impl Firewall {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        match &self.question {
            Question::Exposure(exposure) => exposure.run(console),
            Question::Trace(trace) => trace.run(console),
        }
    }
}
