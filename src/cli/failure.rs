//! Why a command could not do its work.

use std::fmt;
use std::io;

use super::files::{FileError, reason};
use super::status::Status;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that does not exist.
    Usage(String),
    /// A file.
    Files(FileError),
    /// Standard output.
    Output(io::Error),
}

impl Failure {
    /// How the run ends.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Usage(_) => Status::Usage,
            Self::Files(_) | Self::Output(_) => Status::Files,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Files(error) => error.fmt(f),
            Self::Output(error) => write!(f, "failed to write to standard output: {}", reason(error)),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Files(error)
    }
}

/// Whatever a command writes with `?` goes to standard output; files have errors of their own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
