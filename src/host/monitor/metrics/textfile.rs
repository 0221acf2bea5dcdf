//! The file for `node_exporter`'s textfile collector.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::host::program::printable;
use crate::net::TextfilePath;

/// The file. It goes away with this value, so that nothing old is read when the monitor is stopped.
#[derive(Debug)]
pub(super) struct Textfile {
    path: PathBuf,
    /// As it is being written: a name that `node_exporter` does not look at, and one only, so that nothing is left lying about.
    new: PathBuf,
    /// What was said last of what does not work.
    said: Option<String>,
}

impl Textfile {
    /// The file at that path; nothing is written yet.
    pub(super) fn at(path: &TextfilePath) -> Self {
        let path = PathBuf::from(path.path().as_str());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = path.with_file_name(format!(".{name}.new"));
        Self { path, new, said: None }
    }

    /// Writes the file, whole: a reader sees the former one or this one. `Err` with what does not work, where that is news.
    pub(super) fn write(&mut self, text: &str) -> Result<(), String> {
        match self.replace(text) {
            Ok(()) => {
                self.said = None;
                Ok(())
            }
            Err(error) => {
                let said = format!("the metrics are not written to {}: {error}", printable(&self.path));
                if self.said.as_ref() == Some(&said) {
                    return Ok(());
                }
                self.said = Some(said.clone());
                Err(said)
            }
        }
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        remove(&self.new)?;
        // A new file, or none: in a directory of others somebody could have put a link there.
        let mut file: File = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.new)?;
        file.write_all(text.as_bytes())?;
        // node_exporter is another user, whatever the umask is.
        file.set_permissions(Permissions::from_mode(0o644))?;
        std::fs::rename(&self.new, &self.path)
    }
}

impl Drop for Textfile {
    fn drop(&mut self) {
        let _ = remove(&self.new);
        let _ = remove(&self.path);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
