//! How a run of `tsctl` ends.

use std::process::ExitCode;

/// The exit statuses of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done; or, of what a command looked at, good.
    Success,
    /// What was asked for is refused, or there is nothing that it could be done to.
    Refused,
    /// `firewall pending`: a change waits to be confirmed.
    Pending,
    /// A command that looks: it works, but somebody should look at it.
    Degraded,
    /// A command that looks: it does not work.
    Down,
    /// A command that looks: what would tell could not be asked.
    CannotTell,
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
            Self::Refused | Self::Degraded => 1,
            Self::Pending | Self::Down => 2,
            Self::CannotTell => 3,
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
