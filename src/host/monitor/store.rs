//! The state on disk.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::monitor::failover::{State, StateError};

/// The state.
const STATE: &str = "state.json";
/// Held as long as a monitor runs.
const LOCK: &str = "lock";
/// Longer files are no states.
const LIMIT: u64 = 4 << 20;

/// The directory of the state. There is one monitor for each: it holds a lock as long as it runs.
#[derive(Debug)]
pub(super) struct Store {
    directory: PathBuf,
    _lock: File,
}

/// The state that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// It, or a new one where it could not be read.
    pub(super) state: State,
    /// Why it could not be read, and where it was put.
    pub(super) trouble: Option<String>,
}

impl Store {
    /// The directory, made where it is missing. Refused where another monitor has it.
    pub(super) fn open(directory: &Path) -> Result<Self, Failure> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(Failure::file("make", directory))?;
        let path = directory.join(LOCK);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(Failure::file("open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                directory: directory.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Failure::Refused(format!(
                "another monitor runs on {}: systemctl status tailwright-monitor",
                printable(directory)
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path)(error)),
        }
    }

    /// A file in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Reads the state. One that cannot be read is kept aside under another name, once, and a new one is begun.
    pub(super) fn load(&self) -> Found {
        let (reason, kept) = match peek(&self.directory) {
            Ok(Some(Ok(state))) => return Found { state, trouble: None },
            Ok(None) => {
                return Found {
                    state: State::new(),
                    trouble: None,
                };
            }
            Ok(Some(Err(error @ StateError::Newer(_)))) => (error.to_string(), "state.json.newer"),
            Ok(Some(Err(error @ StateError::Broken(_)))) => (error.to_string(), "state.json.broken"),
            Err(error) => (format!("the state cannot be read: {error}"), "state.json.broken"),
        };
        Found {
            state: State::lost(),
            trouble: Some(format!(
                "{reason}. {}. See what it makes of what is in force: tsctl failover status",
                keep_aside(&self.path(STATE), kept)
            )),
        }
    }

    /// Writes the state so that after a crash there is the former one or this one, whole (`fsync(2)`, `rename(2)`).
    pub(super) fn save(&self, state: &State) -> io::Result<()> {
        write_durably(&self.directory, STATE, &state.write())
    }
}

/// Keeps a file that cannot be read under another name, so that a new one can be begun. Whether that worked, as a sentence.
pub(super) fn keep_aside(file: &Path, kept: &str) -> String {
    let aside = file.with_file_name(kept);
    match std::fs::rename(file, &aside) {
        Ok(()) => format!("The file is kept as {}, and a new one is begun", printable(&aside)),
        Err(error) => format!(
            "A new one is begun; the file could not be kept as {}: {error}",
            printable(&aside)
        ),
    }
}

/// Writes a file so that after a crash there is the former one or this one, whole (`fsync(2)`, `rename(2)`). While it is being
/// written it has one other name, so that nothing is left lying about however often the program is killed.
pub(super) fn write_durably(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = directory.join(format!("{name}.new"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&new, directory.join(name))?;
    File::open(directory)?.sync_all()
}

/// The state in a directory, where there is one; nothing is changed.
pub(super) fn peek(directory: &Path) -> io::Result<Option<Result<State, StateError>>> {
    let path = directory.join(STATE);
    match std::fs::metadata(&path) {
        Ok(about) if about.len() > LIMIT => {
            let reason = format!("it has {} MiB", about.len() >> 20);
            return Ok(Some(Err(StateError::Broken(reason))));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let bytes = std::fs::read(&path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| StateError::Broken(error.to_string()));
    Ok(Some(text.and_then(State::read)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state as it is being written.
    const NEW: &str = "state.json.new";

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    #[test]
    fn what_is_saved_is_found() {
        let directory = directory();
        let store = Store::open(directory.path()).expect("it is ours");
        assert_eq!(store.load().state, State::new());
        store.save(&State::lost()).expect("there is room");
        let found = store.load();
        assert!(found.trouble.is_none(), "{found:?}");
        assert_eq!(found.state, State::lost());
    }

    #[test]
    fn there_is_one_monitor() {
        let directory = directory();
        let first = Store::open(directory.path()).expect("it is ours");
        let refused = Store::open(directory.path()).expect_err("it is taken");
        assert!(refused.to_string().contains("another monitor"), "{refused}");
        drop(first);
        Store::open(directory.path()).expect("it is free");
    }

    #[test]
    fn what_cannot_be_read_is_kept_aside() {
        for (text, kept, said) in [
            (
                &b"{\"version\": 99, \"later\": true}"[..],
                "state.json.newer",
                "version 99",
            ),
            (b"{\"version\": 1, \"tracks\": 7}", "state.json.broken", "damaged"),
            (b"\xff\xfe", "state.json.broken", "damaged"),
            (b"", "state.json.broken", "damaged"),
        ] {
            let directory = directory();
            let store = Store::open(directory.path()).expect("it is ours");
            std::fs::write(store.path(STATE), text).expect("it is ours");
            let found = store.load();
            assert_eq!(found.state, State::lost());
            let trouble = found.trouble.expect("it is said");
            assert!(trouble.contains(said) && trouble.contains(kept), "{trouble}");
            assert!(trouble.ends_with(": tsctl failover status"), "{trouble}");
            assert_eq!(std::fs::read(store.path(kept)).expect("it is kept"), text);
            assert!(store.load().trouble.is_none(), "it is said once");
        }
    }

    #[test]
    fn what_cannot_be_kept_aside_is_not_said_to_be() {
        let directory = directory();
        std::fs::write(directory.path().join("a"), "x").expect("it is ours");
        // A directory that is not empty is in the way, even of root.
        std::fs::create_dir_all(directory.path().join("a.broken/b")).expect("it is ours");
        let said = keep_aside(&directory.path().join("a"), "a.broken");
        assert!(said.contains("could not be kept"), "{said}");
        let said = keep_aside(&directory.path().join("a"), "a.newer");
        assert!(said.contains("is kept as") && said.contains("a.newer"), "{said}");
    }

    #[test]
    fn a_state_that_cannot_be_written_leaves_the_former_one() {
        let directory = directory();
        let store = Store::open(directory.path()).expect("it is ours");
        store.save(&State::lost()).expect("there is room");
        // A disk that is full refuses even root.
        std::fs::remove_file(store.path(NEW)).ok();
        std::os::unix::fs::symlink("/dev/full", store.path(NEW)).expect("it is ours");
        store.save(&State::new()).expect_err("there is no room");
        assert_eq!(store.load().state, State::lost());
    }
}
