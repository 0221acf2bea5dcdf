//! The directory that a tree goes to: found, locked, and with what a killed run left behind put right.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::dir::Dir;
use super::{FileError, Obstacle, exchange, journal};

/// A directory, perhaps one that does not exist yet, that no other run looks at meanwhile.
#[derive(Debug)]
pub(super) struct Target {
    shown: PathBuf,
    dir: Option<Dir>,
    parent: Option<Parent>,
    /// Directories that were made on the way; removed again unless the target comes to exist.
    made: Vec<PathBuf>,
}

/// The directory around the target, and the target's name in it.
#[derive(Debug)]
pub(super) struct Parent {
    pub(super) dir: Dir,
    pub(super) name: OsString,
    /// Where the target really lies: no links, no `..`.
    pub(super) target: PathBuf,
}

impl Target {
    /// The target at `path`; the directories around it are made where they do not exist.
    pub(super) fn to_write(path: &Path, is_marked: fn(&str) -> bool) -> Result<Self, FileError> {
        Self::find(path, is_marked, true)
    }

    /// The target at `path`; where it does not exist, there is just no directory.
    pub(super) fn to_read(path: &Path, is_marked: fn(&str) -> bool) -> Result<Self, FileError> {
        Self::find(path, is_marked, false)
    }

    /// The directory, if it exists.
    pub(super) fn dir(&self) -> Option<&Dir> {
        self.dir.as_ref()
    }

    /// The directory around it, if there is one that can be opened.
    pub(super) fn parent(&self) -> Option<&Parent> {
        self.parent.as_ref()
    }

    /// The target as the user named it.
    pub(super) fn shown(&self) -> &Path {
        &self.shown
    }

    fn find(path: &Path, is_marked: fn(&str) -> bool, make: bool) -> Result<Self, FileError> {
        let mut target = Self {
            shown: path.to_owned(),
            dir: None,
            parent: None,
            made: Vec::new(),
        };
        loop {
            match fs::canonicalize(path) {
                Ok(real) => {
                    if target.lock_existing(&real)? {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if fs::symlink_metadata(path).is_ok() {
                        return Err(FileError::Refused(vec![Obstacle {
                            path: path.to_owned(),
                            reason: "is a symbolic link that leads nowhere",
                        }]));
                    }
                    if !make || target.lock_missing(path)? {
                        break;
                    }
                }
                Err(error) => return Err(FileError::of("open", path)(error)),
            }
        }
        if let Some(parent) = &target.parent {
            exchange::recover(parent, target.dir.as_ref(), is_marked)?;
        }
        if let Some(dir) = &target.dir {
            journal::recover(dir, path, is_marked)?;
        }
        Ok(target)
    }

    /// Locks the directory `real`; `false` where it was replaced while we waited.
    fn lock_existing(&mut self, real: &Path) -> Result<bool, FileError> {
        let failed = || FileError::of("open", &self.shown);
        let dir = Dir::open(real).map_err(failed())?;
        dir.lock().map_err(FileError::of("lock", &self.shown))?;
        let identity = dir.itself().map_err(failed())?.identity;
        let is_same = Dir::open(real)
            .and_then(|now| now.itself())
            .is_ok_and(|now| now.identity == identity);
        self.dir = is_same.then_some(dir);
        self.parent = match (real.parent(), real.file_name()) {
            // One that cannot be opened cannot be changed either: the tree is then written without it.
            (Some(around), Some(name)) => Dir::open(around).ok().map(|dir| Parent {
                dir,
                name: name.to_owned(),
                target: real.to_owned(),
            }),
            _ => None,
        };
        Ok(is_same)
    }

    /// Makes the directories around `path` and locks the nearest; `false` where the target exists by then.
    fn lock_missing(&mut self, path: &Path) -> Result<bool, FileError> {
        let failed = || FileError::of("make", path);
        let around = match path.parent() {
            Some(around) if !around.as_os_str().is_empty() => around,
            _ => Path::new("."),
        };
        let name = path.file_name().unwrap_or(OsStr::new("."));
        self.make_directories(around)?;
        let around = fs::canonicalize(around).map_err(failed())?;
        let dir = Dir::open(&around).map_err(failed())?;
        dir.lock().map_err(failed())?;
        let is_missing = dir.entry(name.as_ref()).map_err(failed())?.is_none();
        self.parent = Some(Parent {
            dir,
            name: name.to_owned(),
            target: around.join(name),
        });
        Ok(is_missing)
    }

    fn make_directories(&mut self, path: &Path) -> Result<(), FileError> {
        let missing: Vec<_> = path
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .collect();
        for path in missing.into_iter().rev() {
            match fs::create_dir(path) {
                Ok(()) => self.made.push(path.to_owned()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(FileError::of("make", path)(error)),
            }
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        for path in self.made.iter().rev() {
            // Refused, as it should be, where something is in it.
            let _ = fs::remove_dir(path);
        }
    }
}
