//! What is said about the work, on standard error.

use std::env::{self, VarError};
use std::io;

use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::failure::Failure;

/// The variable that says what is logged.
pub(crate) const VARIABLE: &str = "TAILWRIGHT_LOG";

/// How much is said about the work.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Say more about the work (-vv, -vvv: still more)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

impl LogArgs {
    /// Starts logging. `TAILWRIGHT_LOG` decides where it is set, else the number of `-v`.
    pub(crate) fn start(&self, colour: bool) -> Result<(), Failure> {
        let filter = match env::var(VARIABLE) {
            Ok(text) if !text.trim().is_empty() => text
                .parse::<EnvFilter>()
                .map_err(|error| Failure::Usage(format!("{VARIABLE}={text:?}: {error}")))?,
            Err(VarError::NotUnicode(_)) => return Err(Failure::Usage(format!("{VARIABLE} is no text"))),
            Ok(_) | Err(VarError::NotPresent) => EnvFilter::from(
                match self.verbose {
                    0 => LevelFilter::WARN,
                    1 => LevelFilter::INFO,
                    2 => LevelFilter::DEBUG,
                    _ => LevelFilter::TRACE,
                }
                .to_string(),
            ),
        };
        // Refused only where logging was started before.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(colour)
            .with_writer(io::stderr)
            .without_time()
            .with_target(false)
            .try_init();
        Ok(())
    }
}
