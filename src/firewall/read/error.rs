//! Why a text is no ruleset of ours.

use std::fmt;

/// Why a text is no ruleset that could have been printed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: String,
    /// What stands there; nothing at the end of the text.
    pub found: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, expected, found } = self;
        write!(f, "line {line}: expected {expected}, found {found:?}")
    }
}

impl std::error::Error for ReadError {}
