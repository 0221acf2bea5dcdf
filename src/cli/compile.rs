//! `tailwright compile`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Done;
use super::console::Console;
use super::files;
use super::finish_commit::COMMITTER;
use super::input::ProfileArgs;
use super::output::{self, Kind};
use super::status::Status;
use crate::render::{self, About};

/// Compile a profile to the files that the host's programs read
///
/// The nftables table, what nginx includes, kernel parameters, and the settings of tsctl; for the flake's module, which
/// puts them into the host's configuration. Files are replaced as render does it.
#[derive(Debug, Args)]
pub(crate) struct Compile {
    #[command(flatten)]
    profile: ProfileArgs,
    /// The directory to write to
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
}

impl Compile {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        input.say(console)?;
        let Some(checked) = &input.checked else {
            return Ok(Status::Errors);
        };
        let tree = render::raw(checked, &About::new(&input.file_name));
        let wanted = output::wanted(Kind::Raw, &tree, checked, &input.file_name);
        files::write_tree(&self.out, &wanted, COMMITTER)?;
        for note in tree.notes() {
            writeln!(console.err, "note: {note}")?;
        }
        Ok(Status::Success)
    }
}
