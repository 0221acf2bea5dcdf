//! The decision log, read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::host::monitor::decisions::{DECISIONS, FORMER};
use crate::monitor::Decision;

/// The parts of the log in the state directory, the older one first. Each line is a [`Decision`] as JSON.
const PARTS: [&str; 2] = [FORMER, DECISIONS];
/// No more of a part is read; the monitor begins a new one long before.
const LIMIT: u64 = 16 << 20;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The decisions, the oldest first.
    pub(crate) decisions: Vec<Decision>,
    /// Lines that are none: cut off by a crash, or by a newer monitor.
    pub(crate) unreadable: u32,
    /// Why there are none, or not all.
    pub(crate) trouble: Option<Trouble>,
}

/// Why a log could not be read.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is none: the monitor has never run here, or has decided nothing.
    Missing(PathBuf),
    /// The user may not read it.
    Forbidden(PathBuf),
    /// Something else.
    Failed(PathBuf, io::Error),
}

/// Reads the decision log below that directory.
pub(crate) fn read(directory: &Path) -> Found {
    let mut found = Found::default();
    let mut is_there = false;
    for part in PARTS {
        let path = directory.join(part);
        let mut bytes = Vec::new();
        match File::open(&path).and_then(|file| file.take(LIMIT).read_to_end(&mut bytes)) {
            Ok(_) => is_there = true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                found.trouble = Some(Trouble::Forbidden(path));
                continue;
            }
            Err(error) => {
                found.trouble = Some(Trouble::Failed(path, error));
                continue;
            }
        }
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(decision) => found.decisions.push(decision),
                Err(_) => found.unreadable = found.unreadable.saturating_add(1),
            }
        }
    }
    if !is_there && found.trouble.is_none() {
        found.trouble = Some(Trouble::Missing(directory.to_owned()));
    }
    // The clock may have been set between two starts of the monitor.
    found.decisions.sort_by_key(|decision| decision.at);
    found
}
