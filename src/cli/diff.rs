//! `tailwright diff`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::console::Console;
use super::files;
use super::input::ProfileArgs;
use super::output::{self, Kind};
use super::status::Status;
use super::{Done, Failure};
use crate::render::{self, About, Change, Tree};

/// Say what rendering a profile would change
///
/// First one line for each change of meaning (who can reach what, what is set), then the lines of the files.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    profile: ProfileArgs,
    /// The directory that was rendered to
    #[arg(value_name = "TREE_DIR", value_hint = ValueHint::DirPath)]
    tree: PathBuf,
}

impl Diff {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        input.say(console)?;
        let Some(checked) = &input.checked else {
            return Ok(Status::Errors);
        };
        let new = render::render(checked, &About::new(&input.file_name));
        files::check_directory(&self.tree)?;
        let old = files::read_tree(
            &self.tree,
            &output::wanted(Kind::Modules, &new, checked, &input.file_name),
        )?;
        let old: Tree = old
            .into_iter()
            .map(|(path, text)| (path.to_string_lossy().into_owned(), text))
            .collect();
        let changes = render::compare(&old, &new);
        for change in &changes {
            write(change, console)?;
        }
        Ok(if changes.is_empty() {
            Status::Success
        } else {
            Status::Differences
        })
    }
}

fn write(change: &Change, console: &mut Console) -> Result<(), Failure> {
    match change {
        Change::Meaning(sentence) => writeln!(console.out, "{sentence}")?,
        Change::File { unified, .. } if console.out_colour => coloured(unified, &mut console.out)?,
        Change::File { unified, .. } => write!(console.out, "{unified}")?,
    }
    Ok(())
}

/// Additions green, removals red, headers bold, as `git diff` has them.
fn coloured(unified: &str, out: &mut impl Write) -> io::Result<()> {
    for line in unified.lines() {
        let code = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "1",
            [b'@', ..] => "36",
            [b'+', ..] => "32",
            [b'-', ..] => "31",
            _ => {
                writeln!(out, "{line}")?;
                continue;
            }
        };
        writeln!(out, "\u{1b}[{code}m{line}\u{1b}[0m")?;
    }
    Ok(())
}
