//! `tailwright check`.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::Done;
use super::console::Console;
use super::input::{self, ProfileArgs};
use crate::diagnostic;

/// Check a profile and say everything that is wrong with it
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    profile: ProfileArgs,
    /// How the findings are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the lines that it is about
    #[default]
    Human,
    /// As data
    Json,
}

impl Check {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        match (self.format, &input.checked) {
            (Format::Json, _) => write_json(&diagnostic::json(&input.report), console)?,
            (Format::Human, Some(checked)) if input.report.findings.is_empty() => {
                let hosts = checked.fleet().hosts.len();
                let plural = if hosts == 1 { "" } else { "s" };
                writeln!(console.out, "{}: {hosts} host{plural}, nothing to report", input.name)?;
            }
            (Format::Human, _) => input::show(&input.report, console.out_colour, &mut console.out)?,
        }
        Ok(input.status())
    }
}

/// Writes data to standard output, indented.
pub(crate) fn write_json(value: &Value, console: &mut Console) -> std::io::Result<()> {
    writeln!(console.out, "{value:#}")
}
