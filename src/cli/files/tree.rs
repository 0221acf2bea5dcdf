//! A directory against the files that it is to have.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use super::dir::Dir;
use super::survey::Survey;
use super::target::Target;
use super::{FileError, exchange, journal};

/// The files that a directory is to have, and how ours are known from others.
pub(crate) struct Wanted<'a> {
    /// Their texts by their paths below the directory: plain names, neither empty nor `.` or `..`.
    pub(crate) texts: BTreeMap<&'a Path, &'a str>,
    /// Whether a file with this first line was made by us.
    pub(crate) is_marked: fn(&str) -> bool,
    /// Where else we may have left files.
    pub(crate) leavings: Leavings,
}

/// Where files of ours may lie that are wanted no more.
#[derive(Default)]
pub(crate) struct Leavings {
    /// In these directories (the empty path is the tree's root), not below them.
    pub(crate) directories: BTreeSet<PathBuf>,
    /// And in those of hosts that a fleet had once.
    pub(crate) hosts: Option<FormerHosts>,
}

/// A directory right below the root, or the root itself, belongs to a former host of a fleet if its main file says so.
pub(crate) struct FormerHosts {
    /// The name of the main file.
    pub(crate) main: PathBuf,
    /// Whether its first line is one of this fleet's.
    pub(crate) is_of_fleet: Box<dyn Fn(&str) -> bool>,
    /// The directories below that of the host that files of ours may lie in.
    pub(crate) directories: BTreeSet<PathBuf>,
}

/// What is to be done, or was done, so that a directory has the wanted files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Files that are not there.
    pub(crate) added: Vec<PathBuf>,
    /// Files that differ.
    pub(crate) changed: Vec<PathBuf>,
    /// Files of ours that are wanted no more.
    pub(crate) removed: Vec<PathBuf>,
}

impl Changes {
    /// Whether the directory has the wanted files already.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    fn of(survey: &Survey, wanted: &Wanted) -> Self {
        let (changed, added) = survey
            .stale(wanted)
            .map(|(path, _)| path.to_owned())
            .partition(|path| survey.ours.contains_key(path));
        Self {
            added,
            changed,
            removed: survey.unwanted(wanted).cloned().collect(),
        }
    }
}

/// Who carries a journal out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Committer {
    /// This process.
    Here,
    /// A process of its own, with OUT as its standard input.
    Program {
        /// What is started.
        program: &'static str,
        /// Its arguments.
        arguments: &'static [&'static str],
    },
}

/// Makes `out` hold the wanted files: all of them or, on any error, none. What was changed.
pub(crate) fn write_tree(out: &Path, wanted: &Wanted, committer: Committer) -> Result<Changes, FileError> {
    let target = Target::to_write(out, wanted.is_marked)?;
    let survey = surveyed(&target, wanted)?;
    let changes = Changes::of(&survey, wanted);
    if changes.is_empty() {
        return Ok(changes);
    }
    if let Some(dir) = target.dir() {
        check_writable(dir, out, &survey, &changes)?;
    }
    if !exchange::write(&target, &survey, wanted)? {
        journal::write(&target, &survey, wanted, committer)?;
    }
    Ok(changes)
}

/// A directory that may not be changed is not changed by way of the one around it either.
fn check_writable(dir: &Dir, out: &Path, survey: &Survey, changes: &Changes) -> Result<(), FileError> {
    let changing = [&changes.added, &changes.changed, &changes.removed];
    let around: BTreeSet<&Path> = changing
        .into_iter()
        .flatten()
        .filter_map(|path| {
            path.ancestors()
                .skip(1)
                .find(|path| survey.directories.contains_key(*path))
        })
        .collect();
    around.into_iter().try_for_each(|path| {
        let failed = FileError::of("write", &out.join(path));
        dir.below(path).and_then(|dir| dir.is_writable()).map_err(failed)
    })
}

/// For the process that [`Committer::Program`] starts: carries out the journal of the directory that is its standard
/// input.
pub(crate) fn finish_commit(is_marked: fn(&str) -> bool) -> io::Result<()> {
    journal::finish(io::stdin().as_fd().try_clone_to_owned()?, is_marked)
}

/// What [`write_tree`] would change.
pub(crate) fn compare_tree(out: &Path, wanted: &Wanted) -> Result<Changes, FileError> {
    let target = Target::to_read(out, wanted.is_marked)?;
    Ok(Changes::of(&surveyed(&target, wanted)?, wanted))
}

/// The files of ours in `out`, and whatever stands at the paths of the wanted ones.
pub(crate) fn read_tree(out: &Path, wanted: &Wanted) -> Result<BTreeMap<PathBuf, String>, FileError> {
    let target = Target::to_read(out, wanted.is_marked)?;
    let Some(dir) = target.dir() else {
        return Ok(BTreeMap::new());
    };
    let survey = Survey::of(dir, out, wanted)?;
    let foreign = survey
        .foreign
        .iter()
        .filter(|(path, entry)| entry.kind.is_file() && wanted.texts.contains_key(path.as_path()))
        .map(|(path, _)| path);
    survey
        .ours
        .keys()
        .chain(foreign)
        .map(|path| {
            let failed = |error| FileError::of("read", &out.join(path))(error);
            let name = path.file_name().unwrap_or_default();
            let parent = dir.below(path.parent().unwrap_or(Path::new(""))).map_err(failed)?;
            let bytes = parent.read(name.as_ref(), u64::MAX).map_err(failed)?;
            Ok((path.clone(), String::from_utf8_lossy(&bytes).into_owned()))
        })
        .collect()
}

fn surveyed(target: &Target, wanted: &Wanted) -> Result<Survey, FileError> {
    let Some(dir) = target.dir() else {
        return Ok(Survey::default());
    };
    let survey = Survey::of(dir, target.shown(), wanted)?;
    if survey.obstacles.is_empty() {
        Ok(survey)
    } else {
        Err(FileError::Refused(survey.obstacles))
    }
}
