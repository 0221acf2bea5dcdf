//! The state directory.
//!
//! ```text
//! /run/tailwright/firewall/        of root, closed to others; gone when the machine restarts, as the kernel's rules are
//!   loading                        a lock: who makes a change holds it, and so does the nft that loads it
//!   restoring                      a lock: whoever puts former rules back shares it, with the nft that does it
//!   current                        the name of the last change
//!   PHASE-ID/                      one change
//!     change.json                  what it is
//!     former.nft  new.nft          the files that nft loads, each in one transaction
//!     guardian-1  guardian-2       which processes wait
//!     settled.json  trouble        when it was decided and why; what keeps it from being done
//! ```
//!
//! All of `PHASE-ID` is written while its phase is `staged`, where nothing follows from it; each further phase is one
//! rename(2) of the whole. A process that is killed loses no page cache, so nothing is synced.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::change::{Change, ChangeId, Settled};
use super::phase::Phase;
use crate::host::failure::Failure;

const LOADING: &str = "loading";
const RESTORING: &str = "restoring";
const CURRENT: &str = "current";
const CHANGE: &str = "change.json";
const SETTLED: &str = "settled.json";
const TROUBLE: &str = "trouble";

/// The file that puts the former table back.
pub(crate) const FORMER: &str = "former.nft";
/// The file that loads the new table.
pub(crate) const NEW: &str = "new.nft";

/// A lock that lasts as long as this and its copies in other processes are open (flock(2)).
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// The same lock for another process: it lasts until that one ends, too.
    pub(crate) fn share(&self) -> io::Result<File> {
        self.0.try_clone()
    }
}

/// The state directory.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    directory: PathBuf,
}

impl Store {
    /// The state directory at `directory`; it need not be there.
    pub(crate) fn at(directory: &Path) -> Result<Self, Failure> {
        let directory = std::path::absolute(directory).map_err(Failure::file("find", directory))?;
        let store = Self { directory };
        match std::fs::metadata(&store.directory) {
            Ok(_) => store.is_ours()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::file("read", &store.directory)(error)),
        }
        Ok(store)
    }

    /// Where it is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes it where it is missing.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let fail = |path: &Path| Failure::file("make", path);
        if let Some(parent) = self.directory.parent() {
            std::fs::create_dir_all(parent).map_err(fail(parent))?;
        }
        match std::fs::DirBuilder::new().mode(0o700).create(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(fail(&self.directory)(error)),
            _ => self.is_ours(),
        }
    }

    /// Nobody else may change what root will load.
    fn is_ours(&self) -> Result<(), Failure> {
        let about = std::fs::metadata(&self.directory).map_err(Failure::file("read", &self.directory))?;
        if about.is_dir() && about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o022 == 0 {
            return Ok(());
        }
        Err(Failure::Program(format!(
            "{} must be a directory of root that nobody else can write to",
            self.directory.display()
        )))
    }

    /// Takes the lock of those who make a change; `None` where somebody has it.
    pub(crate) fn lock_loading(&self) -> Result<Option<Lock>, Failure> {
        self.lock(LOADING, File::try_lock)
    }

    /// Takes a share of the lock of those who put former rules back; `None` where a change is just beginning.
    pub(crate) fn share_restoring(&self) -> Result<Option<Lock>, Failure> {
        self.lock(RESTORING, File::try_lock_shared)
    }

    /// Whether nobody is putting former rules back at this moment. Whoever begins later looks at the phase of his change
    /// first, and finds it settled.
    pub(crate) fn is_quiet(&self) -> Result<bool, Failure> {
        Ok(self.lock(RESTORING, File::try_lock)?.is_some())
    }

    fn lock(&self, name: &str, take: fn(&File) -> Result<(), TryLockError>) -> Result<Option<Lock>, Failure> {
        let path = self.directory.join(name);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(Failure::file("open", &path))?;
        match take(&file) {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path)(error)),
        }
    }

    /// Where a change has its files.
    pub(crate) fn path(&self, phase: Phase, id: &ChangeId) -> PathBuf {
        self.directory.join(format!("{phase}-{id}"))
    }

    /// Makes the directory of a new change.
    pub(crate) fn stage(&self, id: &ChangeId) -> Result<PathBuf, Failure> {
        let path = self.path(Phase::Staged, id);
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(Failure::file("make", &path))?;
        Ok(path)
    }

    /// Writes down what a staged change is, when all its other files are there.
    pub(crate) fn describe(&self, change: &Change) -> Result<(), Failure> {
        write_json(&self.path(Phase::Staged, &change.id).join(CHANGE), change)
    }

    /// Makes a change the current one, and forgets those before it. Only who holds the lock of loading may do that.
    pub(crate) fn begin(&self, id: &ChangeId) -> Result<(), Failure> {
        write_json(&self.directory.join(CURRENT), id)?;
        self.forget(|other| other != id);
        Ok(())
    }

    /// Forgets a change of which nothing was loaded.
    pub(crate) fn forget_one(&self, id: &ChangeId) {
        self.forget(|other| other == id);
    }

    /// What cannot be removed is in nobody's way: it is looked for by its name.
    fn forget(&self, unwanted: impl Fn(&ChangeId) -> bool) {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let Some((phase, id)) = name.to_str().and_then(|name| name.split_once('-')) else {
                continue;
            };
            if Phase::named(phase).is_some() && id.parse().is_ok_and(|id| unwanted(&id)) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Where a change stands; `None` where it is forgotten.
    pub(crate) fn phase(&self, id: &ChangeId) -> Result<Option<Phase>, Failure> {
        // Every move leads forward in this order, so that a change that moves meanwhile is found all the same.
        for phase in Phase::ALL {
            let path = self.path(phase, id);
            match std::fs::symlink_metadata(&path) {
                Ok(_) => return Ok(Some(phase)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::file("read", &path)(error)),
            }
        }
        Ok(None)
    }

    /// Moves a change from one phase to another; `false` where it is not there any more.
    pub(crate) fn advance(&self, id: &ChangeId, from: Phase, to: Phase) -> Result<bool, Failure> {
        let path = self.path(from, id);
        match std::fs::rename(&path, self.path(to, id)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::file("rename", &path)(error)),
        }
    }

    /// The last change and where it stands.
    pub(crate) fn current(&self) -> Result<Option<(Phase, Change)>, Failure> {
        let Some(id) = read_json::<ChangeId>(&self.directory.join(CURRENT))? else {
            return Ok(None);
        };
        self.change(&id)
    }

    /// A change and where it stands.
    pub(crate) fn change(&self, id: &ChangeId) -> Result<Option<(Phase, Change)>, Failure> {
        self.file(id, CHANGE, read_json)
    }

    /// When and why a change was settled, where that is known.
    pub(crate) fn settled(&self, id: &ChangeId) -> Option<Settled> {
        Some(self.file(id, SETTLED, read_json).ok()??.1)
    }

    /// What kept the former rules from coming back at the last trial.
    pub(crate) fn trouble(&self, id: &ChangeId) -> Option<String> {
        let read = |path: &Path| Ok(std::fs::read_to_string(path).ok());
        Some(self.file(id, TROUBLE, read).ok()??.1)
    }

    /// Notes when and why a change was settled. The change itself is settled without it.
    pub(crate) fn note_settled(&self, id: &ChangeId, settled: &Settled) {
        let note = |path: &Path| write_json(path, settled).map(Some);
        let _ = self.file(id, SETTLED, note);
    }

    /// Notes what keeps the former rules from coming back.
    pub(crate) fn note_trouble(&self, id: &ChangeId, trouble: &str) {
        let note = |path: &Path| write(path, trouble.as_bytes()).map(Some);
        let _ = self.file(id, TROUBLE, note);
    }

    /// Does something to a file of a change, wherever the change has moved; `None` where change or file is not there.
    fn file<T>(
        &self,
        id: &ChangeId,
        name: &str,
        act: impl Fn(&Path) -> Result<Option<T>, Failure>,
    ) -> Result<Option<(Phase, T)>, Failure> {
        let mut seen = None;
        // It moves forward only, and there are seven places.
        while let Some(phase) = self.phase(id)? {
            let done = act(&self.path(phase, id).join(name));
            match done {
                Ok(Some(value)) => return Ok(Some((phase, value))),
                Ok(None) if seen == Some(phase) => return Ok(None),
                Err(failure) if seen == Some(phase) => return Err(failure),
                Ok(None) | Err(_) => seen = Some(phase),
            }
        }
        Ok(None)
    }
}

/// Writes a file that others see whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error| Failure::file("write", path)(error);
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(directory)
        .map_err(fail)?;
    io::Write::write_all(&mut file, bytes).map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| Failure::file("write", path)(error.into()))?;
    write(path, &text)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Failure> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file("read", path)(error)),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| Failure::file("read", path)(error.into()))
}

#[cfg(test)]
mod tests;
