//! Renames that a journal on the disk answers for: what a run of them began, the next command ends.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::dir::{Dir, Entry};
use super::stage;
use super::survey::{Survey, first_line_in};
use super::target::Target;
use super::tree::Committer;
use super::unsynced::Unsynced;
use super::{FileError, Obstacle, Wanted};

/// The directory in OUT where new files wait for their places, and old ones for their end.
const FOLDER: &str = ".tailwright";
/// In that directory: the [`Journal`].
const JOURNAL: &str = "journal";
/// The journal until it is complete.
const DRAFT: &str = "journal.draft";

/// Which renames make the old tree the new one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    moves: Vec<Move>,
    /// Directories that the moves leave empty, parents first.
    emptied: Vec<PathBuf>,
}

/// One step from the old tree to the new one. Which side of it a tree is on shows by the inodes.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    /// The place in OUT.
    path: PathBuf,
    /// The place in the staging directory: the new file before the step, the old one after it.
    slot: PathBuf,
    /// The inode of the new file, or of a directory that does not exist yet; none where the path is to be removed.
    new: Option<u64>,
    /// The inode of the old file; none where nothing was there.
    old: Option<u64>,
}

/// Puts the wanted files in place.
pub(super) fn write(target: &Target, survey: &Survey, wanted: &Wanted, committer: Committer) -> Result<(), FileError> {
    let shown = target.shown();
    let failed = || FileError::of("write", shown);
    let dir = target
        .dir()
        .ok_or_else(|| io::ErrorKind::NotFound.into())
        .map_err(failed())?;
    let folder = dir.make_dir(Path::new(FOLDER), Mode::RWXU).map_err(failed())?;
    let journal = match Journal::prepare(dir, &folder, shown, survey, wanted) {
        Ok(journal) => journal,
        Err(error) => {
            drop_folder(shown);
            return Err(error);
        }
    };
    match committer {
        Committer::Program { program, arguments } if journal.moves.len() > 1 => {
            finish_elsewhere(dir, shown, wanted.is_marked, program, arguments)
        }
        _ => journal
            .finish(dir, &folder, wanted.is_marked)
            .and_then(Finished::into_result)
            .map_err(failed()),
    }
}

/// Ends what an interrupted run began in `dir`.
pub(super) fn recover(dir: &Dir, shown: &Path, is_marked: fn(&str) -> bool) -> Result<(), FileError> {
    let at = shown.join(FOLDER);
    let failed = || FileError::of("end what an interrupted run began in", &at);
    match dir.entry(Path::new(FOLDER)).map_err(failed())? {
        None => return Ok(()),
        Some(entry) if entry.kind == FileType::Directory => {}
        Some(_) => return Err(not_ours(at)),
    }
    let folder = dir.dir(Path::new(FOLDER)).map_err(failed())?;
    let names = folder.names().map_err(failed())?;
    if names.iter().any(|name| name == JOURNAL) {
        tracing::info!("{}: an interrupted run is ended first", shown.display());
        let journal = Journal::read(&folder).map_err(failed())?;
        if let Finished::Old(error) = journal.finish(dir, &folder, is_marked).map_err(failed())? {
            tracing::warn!("{}: an interrupted run was undone: {error}", shown.display());
        }
        return Ok(());
    }
    if !names.iter().all(|name| is_staged(name)) {
        return Err(not_ours(at));
    }
    drop_folder(shown);
    Ok(())
}

/// For the process that is started to carry a journal out: `out` is the directory, locked by whoever starts it.
pub(super) fn finish(out: OwnedFd, is_marked: fn(&str) -> bool) -> io::Result<()> {
    let dir = Dir::of(out);
    let folder = dir.dir(Path::new(FOLDER))?;
    Journal::read(&folder)?
        .finish(&dir, &folder, is_marked)
        .and_then(Finished::into_result)
}

/// Lets a process of its own carry the journal out, in a group of its own, so that what ends this one does not reach it.
fn finish_elsewhere(
    dir: &Dir,
    shown: &Path,
    is_marked: fn(&str) -> bool,
    program: &str,
    arguments: &[&str],
) -> Result<(), FileError> {
    let failed = || FileError::of("write", shown);
    let child = Command::new(program)
        .args(arguments)
        // The same open directory, so that the lock holds as long as either process lives.
        .stdin(Stdio::from(dir.share().map_err(failed())?))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => {
            tracing::debug!("no process of its own for the commit: {error}");
            return finish(dir.share().map_err(failed())?, is_marked).map_err(failed());
        }
    };
    let output = child.wait_with_output().map_err(failed())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    // Where it was killed: we are still here.
    if said.trim().is_empty() {
        return recover(dir, shown, is_marked);
    }
    Err(failed()(io::Error::other(said.trim().to_owned())))
}

/// Which tree is in place.
#[derive(Debug)]
enum Finished {
    /// The new one.
    New,
    /// The old one, because of this.
    Old(io::Error),
}

impl Finished {
    /// For those to whom only the new tree is a success.
    fn into_result(self) -> io::Result<()> {
        match self {
            Self::New => Ok(()),
            Self::Old(error) => Err(error),
        }
    }
}

impl Journal {
    /// Writes everything that is new into `folder`, and then what is to be done with it.
    fn prepare(dir: &Dir, folder: &Dir, shown: &Path, survey: &Survey, wanted: &Wanted) -> Result<Self, FileError> {
        let failed = || FileError::of("write", shown);
        let mut unsynced = Unsynced::new();
        let mut moves = Vec::new();
        for (path, texts) in units(survey, wanted) {
            let slot = PathBuf::from(moves.len().to_string());
            for (below, text) in texts {
                let old = survey.ours.get(path).map(|found| &found.entry);
                stage_below(folder, &slot.join(below), text, old, &mut unsynced)
                    .map_err(FileError::of("write", &shown.join(path).join(below)))?;
            }
            let new = folder.entry(&slot).map_err(failed())?.map(|entry| entry.identity.inode);
            let old = survey.ours.get(path).map(|found| found.entry.identity.inode);
            moves.push(Move {
                path: path.to_owned(),
                slot,
                new,
                old,
            });
        }
        for path in survey.unwanted(wanted) {
            let slot = PathBuf::from(moves.len().to_string());
            let old = survey.ours.get(path).map(|found| found.entry.identity.inode);
            moves.push(Move {
                path: path.clone(),
                slot,
                new: None,
                old,
            });
        }
        let emptied = stage::emptied(survey, wanted).into_iter().map(Path::to_owned).collect();
        let journal = Self { moves, emptied };
        journal.write(dir, folder, unsynced).map_err(failed())?;
        Ok(journal)
    }

    /// Writes the journal once everything that it is about is on the disk.
    fn write(&self, dir: &Dir, folder: &Dir, mut unsynced: Unsynced) -> io::Result<()> {
        // A single rename is whole by itself.
        if self.moves.len() == 1 {
            return unsynced.sync(folder);
        }
        unsynced.add(folder.write(Path::new(DRAFT), &serde_json::to_vec(self)?)?);
        unsynced.add_dir(folder)?;
        unsynced.add_dir(dir)?;
        unsynced.sync(folder)?;
        folder.move_to(Path::new(DRAFT), folder, Path::new(JOURNAL))?;
        let mut unsynced = Unsynced::new();
        unsynced.add_dir(folder)?;
        unsynced.sync(folder)
    }

    fn read(folder: &Dir) -> io::Result<Self> {
        Ok(serde_json::from_slice(&folder.read(Path::new(JOURNAL), u64::MAX)?)?)
    }

    /// Takes every step that has not been taken; where one fails, takes all of them back. An error means that neither
    /// was possible; the journal is then still there.
    fn finish(&self, dir: &Dir, folder: &Dir, is_marked: fn(&str) -> bool) -> io::Result<Finished> {
        let outcome = self.moves.iter().try_for_each(|step| {
            let place = Place::of(dir, folder, step)?;
            place.forward(is_marked)
        });
        if outcome.is_err() {
            for step in self.moves.iter().rev() {
                if step.is_taken(folder)? {
                    Place::of(dir, folder, step)?.back()?;
                }
            }
        }
        self.conclude(dir, folder, outcome.is_ok())?;
        Ok(match outcome {
            Ok(()) => Finished::New,
            Err(error) => Finished::Old(error),
        })
    }

    /// The tree is whole: forces it to the disk and clears away.
    fn conclude(&self, dir: &Dir, folder: &Dir, is_new: bool) -> io::Result<()> {
        let mut unsynced = Unsynced::new();
        for around in self
            .moves
            .iter()
            .map(|step| parent_of(&step.path))
            .collect::<BTreeSet<_>>()
        {
            unsynced.add(dir.below(around)?);
        }
        unsynced.sync(dir)?;
        folder.remove(Path::new(JOURNAL))?;
        if is_new {
            for path in self.emptied.iter().rev() {
                let name = path.file_name().unwrap_or_default();
                // Refused, as it should be, where something is in it by now.
                let _ = dir.below(parent_of(path)).and_then(|dir| dir.remove_dir(name.as_ref()));
            }
        }
        for step in &self.moves {
            remove_all(folder, &step.slot)?;
            folder.remove(&spare(&step.slot))?;
        }
        dir.remove_dir(Path::new(FOLDER))
    }
}

impl Move {
    /// Whether the step was taken, at least by half; told by the staging directory alone.
    fn is_taken(&self, folder: &Dir) -> io::Result<bool> {
        let staged = folder.entry(&self.slot)?.map(|entry| entry.identity.inode);
        Ok(staged != self.new || folder.entry(&spare(&self.slot))?.is_some())
    }
}

/// A step at its place in the file system.
struct Place<'a> {
    step: &'a Move,
    folder: &'a Dir,
    around: Dir,
    name: &'a Path,
    now: Option<Entry>,
}

impl<'a> Place<'a> {
    fn of(dir: &Dir, folder: &'a Dir, step: &'a Move) -> io::Result<Self> {
        let around = dir.below(parent_of(&step.path))?;
        let name = Path::new(step.path.file_name().unwrap_or_default());
        let now = around.entry(name)?;
        Ok(Self {
            step,
            folder,
            around,
            name,
            now,
        })
    }

    fn now(&self) -> Option<u64> {
        self.now.map(|entry| entry.identity.inode)
    }

    fn slot(&self, slot: &Path) -> io::Result<Option<u64>> {
        Ok(self.folder.entry(slot)?.map(|entry| entry.identity.inode))
    }

    fn forward(&self, is_marked: fn(&str) -> bool) -> io::Result<()> {
        let slot = self.step.slot.as_path();
        let is_there = self.now().is_some();
        if is_there && self.now() == self.step.new || !is_there && self.step.new.is_none() {
            return Ok(());
        }
        if is_there && !self.is_ours(is_marked) {
            let message = format!("{} was put there meanwhile by somebody else", self.step.path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        if self.step.new.is_some() && self.slot(slot)? != self.step.new {
            let message = format!("{} was changed or removed meanwhile", self.step.path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        match (is_there, self.step.new) {
            (true, None) => self.around.move_to(self.name, self.folder, slot),
            (false, _) => self.folder.move_to(slot, &self.around, self.name),
            (true, Some(_)) => match self.folder.exchange(slot, &self.around, self.name) {
                Ok(()) => Ok(()),
                // A file system that cannot: the old one steps aside first.
                Err(Errno::INVAL | Errno::NOSYS) => {
                    self.around.move_to(self.name, self.folder, &spare(slot))?;
                    self.folder.move_to(slot, &self.around, self.name)
                }
                Err(error) => Err(error.into()),
            },
        }
    }

    fn back(&self) -> io::Result<()> {
        let slot = self.step.slot.as_path();
        let spare = spare(slot);
        if self.step.new.is_some() && self.now() == self.step.new {
            let old = self.step.old;
            if old.is_some() && self.slot(slot)? == old {
                return Ok(self.folder.exchange(slot, &self.around, self.name)?);
            }
            self.around.move_to(self.name, self.folder, slot)?;
        } else if self.now().is_some() {
            return Ok(());
        }
        for waiting in [slot, &spare] {
            if self.step.old.is_some() && self.slot(waiting)? == self.step.old {
                return self.folder.move_to(waiting, &self.around, self.name);
            }
        }
        Ok(())
    }

    /// Whether what stands there now is a file that we made.
    fn is_ours(&self, is_marked: fn(&str) -> bool) -> bool {
        self.now.is_some_and(|entry| entry.kind.is_file())
            && first_line_in(&self.around, self.name).is_ok_and(|line| is_marked(&line))
    }
}

/// What is renamed as one, with the texts in it: a file in a directory that exists (one text, the empty path), or a
/// directory that does not exist with all its files.
fn units<'a>(survey: &'a Survey, wanted: &'a Wanted) -> BTreeMap<&'a Path, Vec<(&'a Path, &'a str)>> {
    let mut units: BTreeMap<&Path, Vec<(&Path, &str)>> = BTreeMap::new();
    for (path, text) in survey.stale(wanted) {
        let unit = path
            .ancestors()
            .take_while(|above| !survey.directories.contains_key(*above))
            .last()
            .unwrap_or(path);
        let below = path.strip_prefix(unit).unwrap_or(Path::new(""));
        units.entry(unit).or_default().push((below, text));
    }
    units
}

/// Writes `text` to `path` below `folder`, making the directories that it lies in.
fn stage_below(folder: &Dir, path: &Path, text: &str, old: Option<&Entry>, unsynced: &mut Unsynced) -> io::Result<()> {
    let mut dir = folder.below(Path::new(""))?;
    for name in parent_of(path) {
        let made = match dir.dir(name.as_ref()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => dir.make_dir(name.as_ref(), stage::DIRECTORY_MODE),
            opened => opened,
        };
        unsynced.add(std::mem::replace(&mut dir, made?));
    }
    let name = Path::new(path.file_name().unwrap_or_default());
    unsynced.add(stage::write_file(&dir, name, text, old)?);
    unsynced.add(dir);
    Ok(())
}

/// Removes a slot: a file, or a directory that was never put in place.
fn remove_all(folder: &Dir, slot: &Path) -> io::Result<()> {
    let mut waiting = vec![(slot.to_owned(), false)];
    while let Some((path, is_emptied)) = waiting.pop() {
        let name = Path::new(path.file_name().unwrap_or_default()).to_owned();
        let around = folder.below(parent_of(&path))?;
        match around.entry(&name)? {
            Some(entry) if entry.kind == FileType::Directory && !is_emptied => {
                let names = around.dir(&name)?.names()?;
                waiting.push((path.clone(), true));
                waiting.extend(names.into_iter().map(|name| (path.join(name), false)));
            }
            Some(entry) if entry.kind == FileType::Directory => around.remove_dir(&name)?,
            _ => around.remove(&name)?,
        }
    }
    Ok(())
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Where an old file waits while the new one moves in, on file systems that cannot exchange the two.
fn spare(slot: &Path) -> PathBuf {
    slot.with_extension("old")
}

/// Whether `name` is one that staging gives.
fn is_staged(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let slot = name.strip_suffix(".old").unwrap_or(&name);
    *name == *DRAFT || !slot.is_empty() && slot.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_ours(path: PathBuf) -> FileError {
    FileError::Refused(vec![Obstacle {
        path,
        reason: "is not what an interrupted run leaves behind; move it away first",
    }])
}

fn drop_folder(out: &Path) {
    let path = out.join(FOLDER);
    if let Err(error) = fs::remove_dir_all(&path) {
        tracing::warn!("{} could not be removed: {error}", path.display());
    }
}

#[cfg(test)]
mod tests;
