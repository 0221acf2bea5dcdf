//! New files, written in full beside the places that they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

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
pub(super) fn write_file(
    dir: &Dir,
    name: &Path,
    text: &str,
    old: Option<&Entry>,
    unsynced: &mut Unsynced,
) -> io::Result<()> {
    let file = dir.write(name, text.as_bytes())?;
    if let Some(old) = old
        && let Err(error) = resemble(&file, &Entry::of_open(&file)?, old)
    {
        tracing::debug!("{}: the old mode and owner could not be kept: {error}", name.display());
    }
    unsynced.add(file);
    Ok(())
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
    let mut staged_walk = Walk::from(tree);
    let mut old_walk = old.map(Walk::from);
    let mut unlike = Vec::new();
    for (path, content) in &contents(survey, wanted) {
        let at = shown.join(path);
        let failed = || FileError::of("write", &at);
        let staged = staged_walk.make(path, DIRECTORY_MODE).map_err(failed())?;
        let existing = survey.directories.get(*path);
        let old = match (&mut old_walk, existing) {
            (Some(walk), Some(_)) => Some(walk.to(path).map_err(failed())?),
            _ => None,
        };
        for (name, text) in &content.texts {
            let found = survey.ours.get(&path.join(name));
            let is_linked = match (old, found) {
                // The same file, so that neither its time nor anything else about it changes.
                (Some(old), Some(found)) if found.is_current => old.link(name, staged, name).is_ok(),
                _ => false,
            };
            if !is_linked {
                write_file(staged, name, text, found.map(|found| &found.entry), unsynced)
                    .map_err(FileError::of("write", &at.join(name)))?;
            }
        }
        for (name, entry) in &content.foreign {
            let is_linked = old.is_some_and(|old| old.link(name, staged, name).is_ok());
            let is_same = || Ok::<_, io::Error>(staged.entry(name)?.is_some_and(|now| now.identity == entry.identity));
            if !is_linked || !is_same().map_err(failed())? {
                return Ok(Staged::Impossible);
            }
        }
        if let Some(existing) = existing {
            let now = staged.itself().map_err(failed())?;
            if (now.mode, now.owner) != (existing.mode, existing.owner) {
                unlike.push((*path, existing));
            }
        }
        unsynced.add_dir(staged).map_err(failed())?;
    }
    // From the bottom up: what is closed is closed after everything in it is done.
    for (path, existing) in unlike.into_iter().rev() {
        if tree.below(path).and_then(|dir| dir.resemble(existing)).is_err() {
            return Ok(Staged::Impossible);
        }
    }
    Ok(Staged::Whole)
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
