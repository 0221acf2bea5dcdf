//! Temporary directories that clean up after themselves.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A directory of one test, removed when the value is dropped.
pub struct Scratch(TempDir);

impl Scratch {
    /// A fresh, empty directory.
    pub fn new() -> Self {
        Self(
            tempfile::Builder::new()
                .prefix("tailwright-")
                .tempdir()
                .expect("a temporary directory"),
        )
    }

    /// Where it is (absolute).
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes `text` to a file below the directory, making the directories above it, and returns where the file is.
    pub fn write(&self, file: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("below the directory")).expect("the directory is ours");
        std::fs::write(&path, text).expect("the directory is ours");
        path
    }
}

#[test]
fn a_scratch_directory_is_gone_afterwards() {
    let scratch = Scratch::new();
    let file = scratch.write("a/b.txt", "text");
    assert_eq!(std::fs::read_to_string(&file).expect("just written"), "text");
    drop(scratch);
    assert!(!file.exists());
}
