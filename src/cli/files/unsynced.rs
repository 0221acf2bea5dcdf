//! What was written and may not be on the disk yet.

use std::io;
use std::os::fd::OwnedFd;
use std::thread;

use rustix::fs::fsync;
use rustix::io::Errno;

use super::dir::Dir;

/// More files and directories than these are forced to the disk by one request for the whole file system, which other
/// programs' data may make longer.
const FEW: usize = 128;

/// So many requests wait at a time: the file system then writes one record of its journal for all of them.
const AT_ONCE: usize = 16;

/// Files and directories that were written and may not be on the disk yet.
#[derive(Debug, Default)]
pub(super) struct Unsynced {
    few: Vec<OwnedFd>,
    are_many: bool,
}

impl Unsynced {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub(super) fn add(&mut self, written: impl Into<OwnedFd>) {
        if self.are_many || self.few.len() == FEW {
            self.are_many = true;
            self.few.clear();
        } else {
            self.few.push(written.into());
        }
    }

    /// A directory more, whose names have changed.
    pub(super) fn add_dir(&mut self, dir: &Dir) -> io::Result<()> {
        if !self.are_many {
            self.add(dir.share()?);
        }
        Ok(())
    }

    /// Forces all of it to the disk. `anywhere` is on the same file system.
    pub(super) fn sync(self, anywhere: &Dir) -> io::Result<()> {
        if self.are_many {
            return anywhere.sync_file_system();
        }
        let [one] = self.few.as_slice() else {
            return sync_at_once(&self.few);
        };
        sync(one)
    }
}

fn sync_at_once(files: &[OwnedFd]) -> io::Result<()> {
    let share = files.len().div_ceil(AT_ONCE).max(1);
    thread::scope(|scope| {
        let running: Vec<_> = files
            .chunks(share)
            .map(|files| thread::Builder::new().spawn_scoped(scope, || files.iter().try_for_each(sync)))
            .collect();
        for (thread, files) in running.into_iter().zip(files.chunks(share)) {
            match thread.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(outcome)) => outcome?,
                // No further thread may be had, or it ended otherwise than by itself.
                Ok(Err(_)) | Err(_) => files.iter().try_for_each(sync)?,
            }
        }
        Ok(())
    })
}

fn sync(file: &OwnedFd) -> io::Result<()> {
    match fsync(file) {
        // A file system whose directories are always in step.
        Err(Errno::INVAL) => Ok(()),
        outcome => Ok(outcome?),
    }
}
