//! An open directory. Everything below it is reached from its descriptor and never through a symbolic link, so that
//! neither a link nor a directory that is swapped meanwhile can lead elsewhere.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, RenameFlags, Stat, Uid};
use rustix::io::Errno;

/// An open directory.
#[derive(Debug)]
pub(super) struct Dir(OwnedFd);

/// Which file something is, whatever its name: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    /// The file system.
    pub(super) device: u64,
    /// The file in it.
    pub(super) inode: u64,
}

/// What a name stands for; links are not followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Which file it is.
    pub(super) identity: Identity,
    /// Plain file, directory, symbolic link, …
    pub(super) kind: FileType,
    /// Its permission bits.
    pub(super) mode: Mode,
    /// Its owner and group.
    pub(super) owner: (u32, u32),
    /// Its length in bytes.
    pub(super) length: u64,
}

impl Entry {
    /// What a descriptor is open on.
    pub(super) fn of_open(file: impl AsFd) -> io::Result<Self> {
        Ok(Self::of(&fs::fstat(file)?))
    }

    fn of(stat: &Stat) -> Self {
        Self {
            identity: Identity {
                device: stat.st_dev,
                inode: stat.st_ino,
            },
            kind: FileType::from_raw_mode(stat.st_mode),
            mode: Mode::from_raw_mode(stat.st_mode),
            owner: (stat.st_uid, stat.st_gid),
            length: u64::try_from(stat.st_size).unwrap_or(0),
        }
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Files of ours are shorter, so that one is read by one request.
const LIKELY_LENGTH: u64 = 64 * 1024;

impl Dir {
    /// The directory at `path`, which the user named: links on the way to it are his.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::open(path, DIRECTORY, Mode::empty())?))
    }

    /// A directory that somebody opened.
    pub(super) fn of(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    /// Another descriptor of the same open directory; they share its lock.
    pub(super) fn share(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }

    /// The directory `name` in this one. A link is an error.
    pub(super) fn dir(&self, name: &Path) -> io::Result<Self> {
        let flags = DIRECTORY | OFlags::NOFOLLOW;
        Ok(Self(fs::openat(&self.0, name, flags, Mode::empty())?))
    }

    /// The directory at `path` below this one, through no link.
    pub(super) fn below(&self, path: &Path) -> io::Result<Self> {
        let mut dir = self.dir(Path::new("."))?;
        for name in path {
            dir = dir.dir(name.as_ref())?;
        }
        Ok(dir)
    }

    /// Makes the directory `name`; `mode` is cut down by the umask.
    pub(super) fn make_dir(&self, name: &Path, mode: Mode) -> io::Result<Self> {
        fs::mkdirat(&self.0, name, mode)?;
        self.dir(name)
    }

    /// Gives this directory the mode and owner of another.
    pub(super) fn resemble(&self, other: &Entry) -> io::Result<()> {
        resemble(self, &self.itself()?, other)
    }

    /// What `name` stands for; `None` where nothing does.
    pub(super) fn entry(&self, name: &Path) -> io::Result<Option<Entry>> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Entry::of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What this directory itself is.
    pub(super) fn itself(&self) -> io::Result<Entry> {
        Entry::of_open(&self.0)
    }

    /// The names in it, sorted.
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        Ok(names)
    }

    /// At most `limit` bytes of the plain file `name`. A link is an error, and nothing that could block is opened.
    pub(super) fn read(&self, name: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = File::from(fs::openat(&self.0, name, flags, Mode::empty())?);
        let mut bytes = Vec::with_capacity(usize::try_from(limit.min(LIKELY_LENGTH)).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Makes the file `name`, which must not exist, with all of `bytes`.
    pub(super) fn write(&self, name: &Path, bytes: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let mut file = File::from(fs::openat(&self.0, name, flags, mode)?);
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Gives the file `from` another name, `to` in `other`.
    pub(super) fn link(&self, from: &Path, other: &Self, to: &Path) -> io::Result<()> {
        Ok(fs::linkat(&self.0, from, &other.0, to, AtFlags::empty())?)
    }

    /// Moves `from` to `to` in `other`, where nothing may be.
    pub(super) fn move_to(&self, from: &Path, other: &Self, to: &Path) -> io::Result<()> {
        match fs::renameat_with(&self.0, from, &other.0, to, RenameFlags::NOREPLACE) {
            // A file system that does not know the flag.
            Err(Errno::INVAL | Errno::NOSYS) if other.entry(to)?.is_none() => {
                Ok(fs::renameat(&self.0, from, &other.0, to)?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Moves `from` to `to` in `other`, in place of the file there.
    pub(super) fn replace(&self, from: &Path, other: &Self, to: &Path) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &other.0, to)?)
    }

    /// Lets two names, both of which must exist, change places at one moment.
    pub(super) fn exchange(&self, from: &Path, other: &Self, to: &Path) -> Result<(), Errno> {
        fs::renameat_with(&self.0, from, &other.0, to, RenameFlags::EXCHANGE)
    }

    /// Removes a file; `Ok` too where there is none.
    pub(super) fn remove(&self, name: &Path) -> io::Result<()> {
        absent_is_well(fs::unlinkat(&self.0, name, AtFlags::empty()))
    }

    /// Removes an empty directory; `Ok` too where there is none.
    pub(super) fn remove_dir(&self, name: &Path) -> io::Result<()> {
        absent_is_well(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR))
    }

    /// Whether names can be added and removed here.
    pub(super) fn is_writable(&self) -> io::Result<()> {
        let wanted = fs::Access::WRITE_OK | fs::Access::EXEC_OK;
        Ok(fs::accessat(&self.0, ".", wanted, AtFlags::EACCESS)?)
    }

    /// Whether it has extended attributes (access control lists, labels), which a new directory would lack.
    pub(super) fn has_attributes(&self) -> bool {
        !matches!(
            fs::flistxattr(&self.0, &mut [0_u8; 0]),
            Ok(0) | Err(Errno::OPNOTSUPP | Errno::NOSYS)
        )
    }

    /// Waits until nobody else holds the lock of this directory, and holds it until the last descriptor is closed.
    pub(super) fn lock(&self) -> io::Result<()> {
        loop {
            match fs::flock(&self.0, FlockOperation::LockExclusive) {
                Err(Errno::INTR) => {}
                Err(Errno::NOLCK | Errno::NOSYS | Errno::OPNOTSUPP | Errno::BADF) => {
                    tracing::debug!("this file system has no locks: runs at the same time are not kept apart");
                    return Ok(());
                }
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Forces everything on its file system to the disk.
    pub(super) fn sync_file_system(&self) -> io::Result<()> {
        Ok(fs::syncfs(&self.0)?)
    }
}

impl From<Dir> for OwnedFd {
    fn from(dir: Dir) -> Self {
        dir.0
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Gives the open `file`, which is `now`, the mode and owner of `other`.
pub(super) fn resemble(file: impl AsFd, now: &Entry, other: &Entry) -> io::Result<()> {
    if now.owner != other.owner {
        let (user, group) = other.owner;
        fs::fchown(&file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)))?;
    }
    if now.mode != other.mode {
        fs::fchmod(&file, other.mode)?;
    }
    Ok(())
}

fn absent_is_well(outcome: rustix::io::Result<()>) -> io::Result<()> {
    match outcome {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
