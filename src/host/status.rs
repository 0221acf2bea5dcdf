//! How a run of `tsctl` ends.

use std::process::ExitCode;

/// The exit statuses of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Success,
    /// What was asked for is refused, or there is nothing that it could be done to.
    Refused,
    /// `firewall pending`: a change waits to be confirmed.
    Pending,
    /// The command line is wrong (`EX_USAGE` of sysexits.h).
    Usage,
    /// The system did not let it be done: a file, a program, a right that is missing (`EX_IOERR` of sysexits.h).
    System,
}

impl Status {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Refused => 1,
            Self::Pending => 2,
            Self::Usage => 64,
            Self::System => 74,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
