//! How a run ends: the one place that decides exit statuses.

use std::process::ExitCode;

/// The exit statuses of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, and nothing wrong with the input.
    Success,
    /// The input has errors.
    Errors,
    /// `diff`, `render --check`: there are differences.
    Differences,
    /// The command line is wrong (`EX_USAGE` of sysexits.h).
    Usage,
    /// A file could not be read or written (`EX_IOERR` of sysexits.h).
    Files,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = &[Self::Success, Self::Errors, Self::Differences, Self::Usage, Self::Files];

    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Errors => 1,
            Self::Differences => 2,
            Self::Usage => 64,
            Self::Files => 74,
        }
    }

    /// What it means, for the manual.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "Done; the input has no errors (it may have warnings).",
            Self::Errors => "The input has errors. Nothing was written.",
            Self::Differences => {
                "There are differences (diff, render --check); with diff --fail-on widen: something becomes reachable."
            }
            Self::Usage => "The command line cannot be understood.",
            Self::Files => "A file could not be read or written, or something stands in its way. Nothing was changed.",
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
