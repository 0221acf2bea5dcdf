//! What went wrong with a file: exit status 74 in every command.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file could not be read or written.
#[derive(Debug)]
pub(crate) enum FileError {
    /// The system refused something.
    Failed {
        /// What was tried, as what follows "failed to": `read`, `write`.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What stands in the way of a tree, and that nothing was changed.
    Refused(Vec<Obstacle>),
}

/// Something at or on the way to a path of ours that is not ours to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Where.
    pub(crate) path: PathBuf,
    /// What is there, and what to do about it.
    pub(crate) reason: &'static str,
}

impl FileError {
    /// For `map_err`: the system refused `doing` with `path`.
    pub(crate) fn of(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Failed { doing, path, source }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { doing, path, source } => {
                write!(f, "failed to {doing} {}: {}", path.display(), reason(source))
            }
            Self::Refused(obstacles) => {
                for obstacle in obstacles {
                    writeln!(f, "{} {}", obstacle.path.display(), obstacle.reason)?;
                }
                f.write_str("nothing was changed")
            }
        }
    }
}

/// What the system said, without the number that means nothing to most people.
pub(crate) fn reason(error: &io::Error) -> String {
    let said = error.to_string();
    match said.rsplit_once(" (os error ") {
        Some((words, _)) => words.to_lowercase(),
        None => said,
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed { source, .. } => Some(source),
            Self::Refused(_) => None,
        }
    }
}
