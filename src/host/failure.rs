//! Why a command could not do its work.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::status::Status;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for cannot be done as things are.
    Refused(String),
    /// A file or a directory.
    File {
        /// What could not be done to it.
        action: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// Another program did not do what it was started for.
    Program(String),
    /// Who would do it, or could tell, does not answer.
    Unanswered(String),
    /// Only root may do this; the command to do it with.
    NotRoot(String),
    /// Standard output.
    Output(io::Error),
}

impl Failure {
    /// The failure to do something to a file, for `map_err`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File { action, path, error }
    }

    /// How the run ends.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Refused(_) => Status::Refused,
            Self::Unanswered(_) => Status::CannotTell,
            Self::File { .. } | Self::Program(_) | Self::NotRoot(_) | Self::Output(_) => Status::System,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) | Self::Unanswered(reason) | Self::Program(reason) => f.write_str(reason),
            Self::File { action, path, error } => write!(f, "failed to {action} {}: {error}", path.display()),
            Self::NotRoot(command) => write!(
                f,
                "only root can read and change the rules of the kernel: sudo {command}"
            ),
            Self::Output(error) => write!(f, "failed to write to standard output: {error}"),
        }
    }
}

/// Whatever a command writes with `?` goes to standard output; files have errors of their own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
