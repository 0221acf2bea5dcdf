//! Reading what the user names: no more than a profile may be long, and nothing that could block for ever.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, open};

use super::FileError;
use super::dir::{Dir, Entry};
use crate::profile::limit::MAX_BYTES;

/// The bytes of the profile at `path`. Where it is longer than a profile may be, one byte more than that: its reader
/// says so, at a place.
///
/// # Errors
/// Where the system refuses, and for a directory or a device.
pub(crate) fn read_profile(path: &Path) -> Result<Vec<u8>, FileError> {
    // A pipe is what a shell makes of `<(command)`.
    of_kind(path, &[FileType::RegularFile, FileType::Fifo]).map_err(FileError::of("read", path))
}

/// As [`read_profile`], for a file that the profile names: only a plain one will do.
pub(crate) fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    of_kind(path, &[FileType::RegularFile])
}

/// As [`read_profile`], from standard input.
pub(crate) fn read_standard_input() -> Result<Vec<u8>, FileError> {
    bounded(io::stdin().lock()).map_err(FileError::of("read", Path::new("standard input")))
}

/// Whether two paths lead to the same file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path| rustix::fs::stat(path).map(|stat| (stat.st_dev, stat.st_ino));
    identity(one).is_ok_and(|one| identity(other) == Ok(one))
}

/// Whether there is a directory at `path`.
pub(crate) fn check_directory(path: &Path) -> Result<(), FileError> {
    Dir::open(path).map(drop).map_err(FileError::of("read", path))
}

/// Whether there is a directory at `path`, or a link to one.
pub(crate) fn is_directory(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

/// The text of each of `paths` (below a host's directory) that is there, in `root` itself and in the directories right below
/// it. The keys are paths from `root`.
///
/// # Errors
/// Where the system refuses to list `root` or to read a file.
pub(crate) fn read_known(root: &Path, paths: &[&str]) -> Result<BTreeMap<String, String>, FileError> {
    let listed = std::fs::read_dir(root).map_err(FileError::of("list", root))?;
    let mut folders = vec![String::new()];
    for entry in listed {
        let entry = entry.map_err(FileError::of("list", root))?;
        // Names of hosts are text.
        let name = entry
            .file_name()
            .into_string()
            .ok()
            .filter(|_| is_directory(&entry.path()));
        folders.extend(name.map(|name| format!("{name}/")));
    }
    let mut found = BTreeMap::new();
    for folder in &folders {
        for path in paths {
            let path = format!("{folder}{path}");
            let place = root.join(&path);
            let plain = std::fs::metadata(&place).is_ok_and(|metadata| metadata.is_file());
            if plain {
                let bytes = std::fs::read(&place).map_err(FileError::of("read", &place))?;
                found.insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Ok(found)
}

fn of_kind(path: &Path, kinds: &[FileType]) -> io::Result<Vec<u8>> {
    let kind = FileType::from_raw_mode(rustix::fs::stat(path)?.st_mode);
    if !kinds.contains(&kind) {
        return Err(no_plain_file(kind));
    }
    // A plain file that became a pipe since would hold the open up for ever.
    let waiting = if kind == FileType::Fifo {
        OFlags::empty()
    } else {
        OFlags::NONBLOCK
    };
    let file: OwnedFd = open(path, OFlags::RDONLY | OFlags::CLOEXEC | waiting, Mode::empty())?;
    let kind = Entry::of_open(&file)?.kind;
    if !kinds.contains(&kind) {
        return Err(no_plain_file(kind));
    }
    bounded(File::from(file))
}

fn no_plain_file(kind: FileType) -> io::Error {
    match kind {
        FileType::Directory => io::Error::from(io::ErrorKind::IsADirectory),
        _ => io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"),
    }
}

fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
