//! A way down a tree that stays open: the next directory is reached from the nearest one that both ways share.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use rustix::fs::Mode;

use super::dir::Dir;

/// A way down from `root`.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    root: &'a Dir,
    open: Vec<(OsString, Dir)>,
}

impl<'a> Walk<'a> {
    /// At the root.
    pub(super) fn from(root: &'a Dir) -> Self {
        Self { root, open: Vec::new() }
    }

    /// Goes to the directory at `path` below the root, through no link.
    pub(super) fn to(&mut self, path: &Path) -> io::Result<&Dir> {
        let shared = self
            .open
            .iter()
            .zip(path)
            .take_while(|((open, _), name)| open == name)
            .count();
        self.open.truncate(shared);
        for name in path.iter().skip(shared) {
            let dir = self.here().dir(name.as_ref())?;
            self.open.push((name.to_owned(), dir));
        }
        Ok(self.here())
    }

    /// Makes the directory at `path` below the root, where none may be, and goes there.
    pub(super) fn make(&mut self, path: &Path, mode: Mode) -> io::Result<&Dir> {
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            let dir = self.to(parent)?.make_dir(name.as_ref(), mode)?;
            self.open.push((name.to_owned(), dir));
        }
        self.to(path)
    }

    fn here(&self) -> &Dir {
        self.open.last().map_or(self.root, |(_, dir)| dir)
    }
}
