//! Why something is not known.

use std::fmt;
use std::io;

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Only root may look.
    NeedsRoot,
    /// Nobody wanted to know, so nobody looked.
    NotAsked,
    /// Something else, in a sentence.
    Failed(String),
}

impl Unknown {
    /// What an error of a file means.
    pub(crate) fn of(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::PermissionDenied {
            Self::NeedsRoot
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeedsRoot => "only root may look",
            Self::NotAsked => "no chosen check looks at it",
            Self::Failed(why) => why,
        })
    }
}

impl From<String> for Unknown {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

impl From<&str> for Unknown {
    fn from(why: &str) -> Self {
        Self::Failed(why.to_owned())
    }
}
