//! `tailwright diff`.

mod human;
mod json;
mod reachability;
mod side;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use self::reachability::HostDifference;
use self::side::Side;
use super::Done;
use super::check::{Format, write_json};
use super::console::Console;
use super::failure::Failure;
use super::files;
use super::input::{Input, ProfileArgs, Written};
use super::status::Status;
use crate::render::{self, Change};

/// Say what becomes reachable, what stops being so, and what else changes
///
/// First what the zones let in that they did not, and the other way round, as sets of packets: a reordered list or a prefix in two
/// halves says nothing (docs/reachability.md). Then one line for each other change of meaning, then the lines of the files.
///
/// A directory is what was rendered or compiled there. Beside a profile it is always the old one, in whichever order the two
/// are given: what rendering the profile would change.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// What is there: a profile, or a directory that was rendered to; - is standard input
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath)]
    old: PathBuf,
    /// What takes its place, likewise
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    new: PathBuf,
    /// Read profiles in this notation, whatever their names
    #[arg(long, value_enum)]
    notation: Option<Written>,
    /// End with status 2 for this alone, not for every difference
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// How it is written; docs/reachability.md describes the data
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What a run fails for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something becomes reachable
    Widen,
}

/// Everything that is different.
struct Comparison {
    old: Side,
    new: Side,
    hosts: Vec<HostDifference>,
    changes: Vec<Change>,
}

impl Diff {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let Some([old, new]) = self.sides(console)? else {
            return Ok(Status::Errors);
        };
        let comparison = Comparison {
            hosts: reachability::between(&old, &new),
            changes: render::compare(&old.tree, &new.tree),
            old,
            new,
        };
        match self.format {
            Format::Human => comparison.human(console)?,
            Format::Json => write_json(&comparison.json(), console)?,
        }
        Ok(self.status(&comparison))
    }

    /// The two sides; `None` where a profile has errors.
    fn sides(&self, console: &mut Console) -> Result<Option<[Side; 2]>, Failure> {
        Ok(match [&self.old, &self.new].map(|path| files::is_directory(path)) {
            [true, true] => Some([Side::of_directory(&self.old)?, Side::of_directory(&self.new)?]),
            [false, false] => {
                if self.old.as_os_str() == "-" && self.new.as_os_str() == "-" {
                    return Err(Failure::Usage(
                        "only one profile can be read from standard input".to_owned(),
                    ));
                }
                let (old, new) = (self.profile(&self.old, console)?, self.profile(&self.new, console)?);
                Side::of_profiles(old, new)
            }
            [is_directory, _] => {
                let (directory, profile) = if is_directory {
                    (&self.old, &self.new)
                } else {
                    (&self.new, &self.old)
                };
                let profile = self.profile(profile, console)?;
                Side::of_directory_and_profile(directory, profile)?
            }
        })
    }

    fn profile(&self, path: &std::path::Path, console: &mut Console) -> Result<Input, Failure> {
        let input = ProfileArgs::of(path.to_owned(), self.notation).load()?;
        input.say(console)?;
        Ok(input)
    }

    fn status(&self, comparison: &Comparison) -> Status {
        let hosts = &comparison.hosts;
        match self.fail_on {
            // What cannot be told may be anything.
            Some(FailOn::Widen) if hosts.iter().any(|host| host.unreadable.is_some()) => Status::Errors,
            Some(FailOn::Widen) if hosts.iter().any(|host| host.difference.widens()) => Status::Differences,
            Some(FailOn::Widen) => Status::Success,
            None if comparison.changes.is_empty() && hosts.iter().all(HostDifference::is_empty) => Status::Success,
            None => Status::Differences,
        }
    }
}
