//! A complete new directory that changes places with the old one at a single moment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::dir::{Dir, Identity};
use super::stage::{self, Staged};
use super::survey::{Survey, first_line_in};
use super::target::{Parent, Target};
use super::unsynced::Unsynced;
use super::{FileError, Obstacle, Wanted};

/// More of other people's files than these are not linked one by one.
const MANY: usize = 256;

/// What of the target's name fits into the staging directory's, which may have 255 bytes.
const LONGEST_NAME: usize = 243;

/// In the staging directory: the new tree, and after the exchange the old one.
const TREE: &str = "tree";
/// In the staging directory: a [`State`].
const STATE: &str = "state";

/// What the staging directory is about, for whoever finds it.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// The inode of the tree that was staged. While it is here, the exchange has not happened.
    staged: u64,
    /// The directories of the old tree that were looked into, parents first.
    directories: Vec<PathBuf>,
    /// Other people's files with their inodes; both trees have them.
    foreign: BTreeMap<PathBuf, u64>,
}

/// Puts the wanted files in place. `false` where this way is not open; nothing has happened then.
pub(super) fn write(target: &Target, survey: &Survey, wanted: &Wanted) -> Result<bool, FileError> {
    let Some(parent) = target.parent() else {
        return Ok(false);
    };
    if let Some(dir) = target.dir()
        && !suits(dir, parent, survey)
    {
        return Ok(false);
    }
    let name = staging_name(&parent.name);
    let staging = match parent.dir.make_dir(&name, Mode::RWXU) {
        Ok(staging) => staging,
        Err(error) if target.dir().is_some() => {
            tracing::debug!("no staging beside {}: {error}", target.shown().display());
            return Ok(false);
        }
        Err(error) => return Err(FileError::of("write", target.shown())(error)),
    };
    let outcome = Exchange {
        target,
        parent,
        staging: &staging,
        survey,
        wanted,
    }
    .run();
    if !matches!(outcome, Ok(true)) {
        drop_staging(parent);
    }
    outcome
}

/// Whether the directory can be another one afterwards without harm to anybody.
fn suits(dir: &Dir, parent: &Parent, survey: &Survey) -> bool {
    let stands_in_it = std::env::current_dir().is_ok_and(|current| current.starts_with(&parent.target));
    let devices = || {
        let around = parent.dir.itself().ok()?.identity.device;
        Some(survey.directories.values().all(|entry| entry.identity.device == around))
    };
    !stands_in_it
        && devices() == Some(true)
        && survey.foreign.len() <= MANY
        && survey.foreign.iter().all(|(path, entry)| {
            path.to_str().is_some() && matches!(entry.kind, FileType::RegularFile | FileType::Symlink)
        })
        && survey
            .directories
            .keys()
            .all(|path| dir.below(path).is_ok_and(|dir| !dir.has_attributes()))
}

struct Exchange<'a> {
    target: &'a Target,
    parent: &'a Parent,
    staging: &'a Dir,
    survey: &'a Survey,
    wanted: &'a Wanted<'a>,
}

impl Exchange<'_> {
    fn run(&self) -> Result<bool, FileError> {
        let shown = self.target.shown();
        let failed = || FileError::of("write", shown);
        let tree = self
            .staging
            .make_dir(Path::new(TREE), stage::DIRECTORY_MODE)
            .map_err(failed())?;
        let state = State {
            staged: tree.itself().map_err(failed())?.identity.inode,
            directories: self.survey.directories.keys().cloned().collect(),
            foreign: self
                .survey
                .foreign
                .iter()
                .map(|(path, entry)| (path.clone(), entry.identity.inode))
                .collect(),
        };
        let mut unsynced = Unsynced::new();
        unsynced.add(self.note(&state).map_err(failed())?);
        unsynced.add_dir(self.staging).map_err(failed())?;
        let old = self.target.dir();
        if stage::whole_tree(old, &tree, shown, self.survey, self.wanted, &mut unsynced)? == Staged::Impossible {
            return Ok(false);
        }
        unsynced.sync(self.staging).map_err(failed())?;
        // Whoever finds the new directory waits until the old one is gone.
        tree.lock().map_err(failed())?;
        let (from, to) = (Path::new(TREE), Path::new(&self.parent.name));
        match old {
            None => self.staging.move_to(from, &self.parent.dir, to).map_err(failed())?,
            Some(_) => match self.staging.exchange(from, &self.parent.dir, to) {
                Ok(()) => {}
                // A file system that cannot, a mount point, a directory whose owner alone may rename it.
                Err(Errno::INVAL | Errno::NOSYS | Errno::XDEV | Errno::BUSY | Errno::PERM | Errno::ACCESS) => {
                    return Ok(false);
                }
                Err(error) => return Err(failed()(error.into())),
            },
        }
        let discarded = self.sync_exchange().and_then(|()| match old {
            Some(old) => state.discard(self.staging, old, &tree, self.wanted.is_marked),
            None => Ok(()),
        });
        if let Err(error) = discarded {
            // The new tree is in place; the next run tries again.
            tracing::warn!(
                "{}: the old files could not all be cleared away: {error}",
                shown.display()
            );
        } else {
            drop_staging(self.parent);
        }
        Ok(true)
    }

    fn note(&self, state: &State) -> io::Result<fs::File> {
        self.staging.write(Path::new(STATE), &serde_json::to_vec(state)?)
    }

    /// Forces to the disk that the two directories have changed places, before the old one is touched.
    fn sync_exchange(&self) -> io::Result<()> {
        let mut unsynced = Unsynced::new();
        unsynced.add_dir(&self.parent.dir)?;
        unsynced.add_dir(self.staging)?;
        unsynced.sync(self.staging)
    }
}

impl State {
    /// Empties the old tree: our files go, other people's are in the new one too. What somebody made or changed while we
    /// were at work is carried over.
    fn discard(&self, staging: &Dir, old: &Dir, new: &Dir, is_marked: fn(&str) -> bool) -> io::Result<()> {
        for path in self.directories.iter().rev() {
            let (Some(old_dir), new_dir) = (present(old.below(path))?, present(new.below(path))?) else {
                continue;
            };
            for name in old_dir.names()? {
                let name = Path::new(&name);
                let Some(entry) = old_dir.entry(name)? else { continue };
                let now = match &new_dir {
                    Some(dir) => dir.entry(name)?,
                    None => None,
                };
                let was_foreign = self.foreign.get(&path.join(name));
                // A link to a file that the new tree has, or a file of ours that it has no more.
                let may_go = match now {
                    Some(now) if now.identity == entry.identity => true,
                    _ if was_foreign.is_some() || !entry.kind.is_file() => false,
                    _ => is_marked(&first_line_in(&old_dir, name)?),
                };
                if may_go {
                    old_dir.remove(name)?;
                } else {
                    let new_dir = match &new_dir {
                        Some(dir) => dir.below(Path::new(""))?,
                        None => make_all(new, path)?,
                    };
                    carry_over(&old_dir, name, &new_dir, now.map(|now| now.identity), was_foreign)?;
                }
            }
            if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
                old.below(parent)?.remove_dir(name.as_ref())?;
            }
        }
        staging.remove_dir(Path::new(TREE))
    }
}

/// Moves what appeared or changed in the old directory while we were at work to the new one.
fn carry_over(old: &Dir, name: &Path, new: &Dir, now: Option<Identity>, linked: Option<&u64>) -> io::Result<()> {
    match now {
        None => old.move_to(name, new, name),
        Some(now) if linked == Some(&now.inode) => old.replace(name, new, name),
        Some(_) => {
            let message = format!("{} changed in the old directory and in the new one", name.display());
            Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
        }
    }
}

fn make_all(root: &Dir, path: &Path) -> io::Result<Dir> {
    let mut dir = root.below(Path::new(""))?;
    for name in path {
        dir = match present(dir.dir(name.as_ref()))? {
            Some(dir) => dir,
            None => dir.make_dir(name.as_ref(), stage::DIRECTORY_MODE)?,
        };
    }
    Ok(dir)
}

fn present(opened: io::Result<Dir>) -> io::Result<Option<Dir>> {
    match opened {
        Ok(dir) => Ok(Some(dir)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Clears away what a killed run left beside the target. `dir` is the target, where it exists.
pub(super) fn recover(parent: &Parent, dir: Option<&Dir>, is_marked: fn(&str) -> bool) -> Result<(), FileError> {
    let name = staging_name(&parent.name);
    let at = parent.target.with_file_name(&name);
    let failed = || FileError::of("clear away what an interrupted run left in", &at);
    let Some(entry) = parent.dir.entry(&name).map_err(failed())? else {
        return Ok(());
    };
    let refused = || {
        FileError::Refused(vec![Obstacle {
            path: at.clone(),
            reason: "is not what an interrupted run leaves behind; move it away first",
        }])
    };
    if entry.kind != FileType::Directory {
        return Err(refused());
    }
    let staging = parent.dir.dir(&name).map_err(failed())?;
    let state = staging
        .read(Path::new(STATE), u64::MAX)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
    let tree = present(staging.dir(Path::new(TREE))).map_err(failed())?;
    match (state, tree, dir) {
        // Killed before anything was staged: there is nothing but perhaps an empty tree and half a state.
        (None, _, _) => {
            let is_empty = staging.remove_dir(Path::new(TREE)).and_then(|()| {
                let names = staging.names()?;
                Ok(names.iter().all(|name| name == STATE))
            });
            if !is_empty.unwrap_or(false) {
                return Err(refused());
            }
        }
        (Some(state), Some(tree), Some(dir)) if tree.itself().map_err(failed())?.identity.inode != state.staged => {
            state.discard(&staging, &tree, dir, is_marked).map_err(failed())?;
        }
        _ => {}
    }
    drop_staging(parent);
    Ok(())
}

/// The staging directory of the target `name`, which stands beside it.
fn staging_name(name: &OsStr) -> PathBuf {
    let name = name.as_bytes();
    let mut staging = b".".to_vec();
    staging.extend_from_slice(name.get(..LONGEST_NAME).unwrap_or(name));
    staging.extend_from_slice(b".tailwright");
    PathBuf::from(OsString::from_vec(staging))
}

fn drop_staging(parent: &Parent) {
    let path = parent.target.with_file_name(staging_name(&parent.name));
    if let Err(error) = fs::remove_dir_all(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("{} could not be removed: {error}", path.display());
    }
}

#[cfg(test)]
mod tests;
