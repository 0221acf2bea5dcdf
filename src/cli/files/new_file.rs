//! One file where none is.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::FileError;

/// Makes the file `path`, with all of `text` or not at all. An existing one is not touched.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), FileError> {
    let around = match path.parent() {
        Some(around) if !around.as_os_str().is_empty() => around,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".tailwright-")
            // The umask cuts it down.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(around)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        Ok(())
    };
    write().map_err(FileError::of("write", path))
}
