//! `tailwright schema`.

use clap::Args;

use super::Done;
use super::check::write_json;
use super::console::Console;
use super::status::Status;
use crate::profile;

/// Print the JSON Schema of a profile, for editors and validators
#[derive(Debug, Args)]
pub(crate) struct Schema {}

impl Schema {
    #[allow(clippy::unused_self, reason = "every command has the same shape")]
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        write_json(&profile::schema(), console)?;
        Ok(Status::Success)
    }
}
