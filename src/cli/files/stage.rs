//! New files, written in full beside the places that they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rustix::fs::Mode;

use super::dir::{Dir, Entry, resemble};
use super::survey::Survey;
use super::unsynced::Unsynced;
use super::walk::Walk;
use super::{FileError, Wanted};

/// What directories are made with; the umask cuts it down.
pub(super) const DIRECTORY_MODE: Mode = Mode::RWXU.union(Mode::RWXG).union(Mode::RWXO);

/// Makes the file `name` in `dir` with all of `text`, as far as possible with the mode and owner of the one that it is to
/// replace.
pub(super) fn write_file(dir: &Dir, name: &Path, text: &str, old: Option<&Entry>) -> io::Result<File> {
    let file = dir.write(name, text.as_bytes())?;
    if let Some(old) = old
        && let Err(error) = resemble(&file, &Entry::of_open(&file)?, old)
    {
        tracing::debug!("{}: the old mode and owner could not be kept: {error}", name.display());
    }
    Ok(file)
}

/// Whether a whole tree could be staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staged {
    /// It was.
    Whole,
    /// Somebody else's file cannot be in two directories, or a directory cannot be made like the old one.
    Impossible,
}

/// Fills the empty `tree` with everything that `old` is to hold: wanted files, and other people's by hard link.
pub(super) fn whole_tree(
    old: Option<&Dir>,
    tree: &Dir,
    shown: &Path,
    survey: &Survey,
    wanted: &Wanted,
    unsynced: &mut Unsynced,
) -> Result<Staged, FileError> {
    let stage = Stage {
        old,
        tree,
        shown,
        survey,
        unsynced: Mutex::new(unsynced),
    };
    let contents = contents(survey, wanted);
    // The root comes first; what lies below one directory of it has nothing to do with what lies below another.
    let (root, below): (Vec<_>, Vec<_>) = contents.iter().partition(|(path, _)| path.as_os_str().is_empty());
    let branches: Vec<&[_]> = below.chunk_by(|one, next| branch(one.0) == branch(next.0)).collect();
    let mut staged = vec![stage.branch(&root)?];
    if branches.len() < MANY_BRANCHES {
        for branch in branches {
            staged.push(stage.branch(branch)?);
        }
    } else {
        staged.extend(
            branches
                .into_par_iter()
                .map(|branch| stage.branch(branch))
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    let Some(unlike) = staged.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(Staged::Impossible);
    };
    // From the bottom up: what is closed is closed after everything in it is done.
    for (path, existing) in unlike.into_iter().flatten().rev() {
        if tree.below(path).and_then(|dir| dir.resemble(existing)).is_err() {
            return Ok(Staged::Impossible);
        }
    }
    Ok(Staged::Whole)
}

/// So many directories at the root (hosts of a fleet) are filled on all processors.
const MANY_BRANCHES: usize = 16;

/// The directory of the root that `path` lies in, or is.
fn branch(path: &Path) -> Option<&OsStr> {
    path.iter().next()
}

/// A tree that is being filled.
struct Stage<'a> {
    old: Option<&'a Dir>,
    tree: &'a Dir,
    shown: &'a Path,
    survey: &'a Survey,
    unsynced: Mutex<&'a mut Unsynced>,
}

impl<'a> Stage<'a> {
    /// Fills directories, parents first. Those that are to be made like old ones at the end; `None` where somebody else's
    /// file cannot be in two directories.
    fn branch(&self, contents: &[(&&'a Path, &Content)]) -> Result<Option<Vec<(&'a Path, &'a Entry)>>, FileError> {
        let mut staged_walk = Walk::from(self.tree);
        let mut old_walk = self.old.map(Walk::from);
        let mut unlike = Vec::new();
        for (path, content) in contents {
            let at = self.shown.join(path);
            let failed = || FileError::of("write", &at);
            let staged = staged_walk.make(path, DIRECTORY_MODE).map_err(failed())?;
            let existing = self.survey.directories.get(**path);
            let old = match (&mut old_walk, existing) {
                (Some(walk), Some(_)) => Some(walk.to(path).map_err(failed())?),
                _ => None,
            };
            for (name, text) in &content.texts {
                let found = self.survey.ours.get(&path.join(name));
                let is_linked = match (old, found) {
                    // The same file, so that neither its time nor anything else about it changes.
                    (Some(old), Some(found)) if found.is_current => old.link(name, staged, name).is_ok(),
                    _ => false,
                };
                if !is_linked {
                    let file = write_file(staged, name, text, found.map(|found| &found.entry))
                        .map_err(FileError::of("write", &at.join(name)))?;
                    self.unsynced().add(file);
                }
            }
            for (name, entry) in &content.foreign {
                let is_linked = old.is_some_and(|old| old.link(name, staged, name).is_ok());
                let is_same =
                    || Ok::<_, io::Error>(staged.entry(name)?.is_some_and(|now| now.identity == entry.identity));
                if !is_linked || !is_same().map_err(failed())? {
                    return Ok(None);
                }
            }
            if let Some(existing) = existing {
                let now = staged.itself().map_err(failed())?;
                if (now.mode, now.owner) != (existing.mode, existing.owner) {
                    unlike.push((**path, existing));
                }
            }
            self.unsynced().add_dir(staged).map_err(failed())?;
        }
        Ok(Some(unlike))
    }

    fn unsynced(&self) -> MutexGuard<'_, &'a mut Unsynced> {
        // Adding to it leaves nothing half done.
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one directory is to hold, beside directories.
#[derive(Default)]
struct Content<'a> {
    texts: Vec<(&'a Path, &'a str)>,
    foreign: Vec<(&'a Path, &'a Entry)>,
}

/// The directories that there are to be, parents first: those of the wanted files, and those that were there, but for
/// the ones that held nothing except files of ours that are wanted no more.
fn contents<'a>(survey: &'a Survey, wanted: &'a Wanted) -> BTreeMap<&'a Path, Content<'a>> {
    let mut contents: BTreeMap<&Path, Content> = BTreeMap::from([(Path::new(""), Content::default())]);
    let emptied = emptied(survey, wanted);
    for path in survey
        .directories
        .keys()
        .filter(|path| !emptied.contains(path.as_path()))
    {
        contents.entry(path).or_default();
    }
    for (path, text) in &wanted.texts {
        for directory in path.ancestors().skip(2) {
            contents.entry(directory).or_default();
        }
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            contents.entry(parent).or_default().texts.push((name.as_ref(), text));
        }
    }
    for (path, entry) in &survey.foreign {
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            contents.entry(parent).or_default().foreign.push((name.as_ref(), entry));
        }
    }
    contents
}

/// The directories that hold nothing but files of ours that are wanted no more, below them too.
pub(super) fn emptied<'a>(survey: &'a Survey, wanted: &'a Wanted) -> BTreeSet<&'a Path> {
    let staying: Vec<&Path> = wanted
        .texts
        .keys()
        .copied()
        .chain(survey.foreign.keys().map(PathBuf::as_path))
        .collect();
    let used: BTreeSet<&Path> = staying.iter().flat_map(|path| path.ancestors().skip(1)).collect();
    survey
        .unwanted(wanted)
        .flat_map(|path| path.ancestors().skip(1))
        .filter(|path| !used.contains(path) && !path.as_os_str().is_empty())
        .collect()
}
