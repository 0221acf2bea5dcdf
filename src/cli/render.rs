//! `tailwright render`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde_json::{Value, json};

use super::Done;
use super::check::{Format, write_json};
use super::console::Console;
use super::files::{self, Changes};
use super::finish_commit::COMMITTER;
use super::input::{Input, ProfileArgs};
use super::output::{self, Kind};
use super::status::Status;
use crate::diagnostic;
use crate::render::{self, About};

/// Render NixOS modules from a profile
///
/// The output directory then has the files of the profile, and none of an earlier render that it wants no more; other
/// files in it are not touched. It changes as a whole or not at all. A file of ours is known by its first line; anything
/// else in the place of one is not replaced.
///
/// A fleet is rendered to one directory per host.
#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    profile: ProfileArgs,
    /// The directory to write to
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Write nothing; say what is stale, with exit status 2
    #[arg(long)]
    check: bool,
    /// What is rendered
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// How the report is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What has become of files: those that came, that are others now, and that went.
const DONE: [&str; 3] = ["added", "changed", "removed"];
/// The same before it is done.
const STALE: [&str; 3] = ["missing", "stale", "left over"];

/// What a profile is rendered for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Target {
    /// NixOS modules
    #[default]
    Nixos,
}

impl Render {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        if self.format == Format::Human {
            input.say(console)?;
        }
        let Some(checked) = &input.checked else {
            if self.format == Format::Json {
                write_json(&report(&input, None), console)?;
            }
            return Ok(Status::Errors);
        };
        let tree = match self.target {
            Target::Nixos => render::render(checked, &About::new(&input.file_name)),
        };
        let wanted = output::wanted(Kind::Modules, &tree, checked, &input.file_name);
        let changes = if self.check {
            files::compare_tree(&self.out, &wanted)?
        } else {
            files::write_tree(&self.out, &wanted, COMMITTER)?
        };
        match self.format {
            Format::Human => self.say(&changes, wanted.texts.len(), tree.notes(), console)?,
            Format::Json => write_json(&report(&input, Some((&changes, tree.notes()))), console)?,
        }
        Ok(if self.check && !changes.is_empty() {
            Status::Differences
        } else {
            Status::Success
        })
    }

    fn say(&self, changes: &Changes, files: usize, notes: &[String], console: &mut Console) -> std::io::Result<()> {
        for note in notes {
            writeln!(console.err, "note: {note}")?;
        }
        let out = self.out.display();
        let words = if self.check { STALE } else { DONE };
        let lists = [&changes.added, &changes.changed, &changes.removed];
        let mut line = format!("{out}: {files} files");
        for (word, paths) in words.into_iter().zip(lists) {
            if self.check {
                for path in paths {
                    writeln!(console.out, "{word}: {}", self.out.join(path).display())?;
                }
            }
            if !paths.is_empty() {
                line = format!("{line}, {} {word}", paths.len());
            }
        }
        let is_current = if changes.is_empty() { ", up to date" } else { "" };
        writeln!(console.out, "{line}{is_current}")
    }
}

/// The report as data: that of `check`, with the files.
fn report(input: &Input, done: Option<(&Changes, &[String])>) -> Value {
    let mut report = diagnostic::json(&input.report);
    let list = |paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
    };
    if let Some((changes, notes)) = done {
        report["files"] = json!({
            "added": list(&changes.added),
            "changed": list(&changes.changed),
            "removed": list(&changes.removed),
        });
        report["notes"] = json!(notes);
    }
    report
}
