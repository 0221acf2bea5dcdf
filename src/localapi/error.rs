//! Why a question was not answered.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::daemon::Daemon;

/// What a request asks for (`ipn/localapi`: `PermitRead`, `PermitWrite`, `PermitCert`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Every local user has it.
    Read,
    /// Root has it, and the one user that the preference `OperatorUser` names.
    Write,
    /// Those have it, and the one user that `TS_PERMIT_CERT_UID` of tailscaled names.
    Certificate,
}

/// Why a question was not answered. Shown, it says what to type next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no socket: tailscaled is not installed, or was stopped.
    NoSocket(PathBuf),
    /// There is a socket that nobody listens at: tailscaled was killed.
    NobodyListens(PathBuf),
    /// This user may not open the socket.
    SocketClosed(PathBuf),
    /// The socket could not be opened otherwise.
    Socket(PathBuf, io::ErrorKind),
    /// There was no answer in that time.
    TimedOut {
        /// The endpoint.
        endpoint: String,
        /// How long it had.
        patience: Duration,
    },
    /// The connection ended in the middle of a reply, or what came was no HTTP.
    BrokenOff(String),
    /// This user may not do it.
    Denied {
        /// What tailscaled said.
        said: String,
        /// What it takes.
        right: Right,
    },
    /// This tailscaled is too old for it, or was built without it.
    NoSuchEndpoint {
        /// The endpoint.
        endpoint: String,
        /// Which one it is.
        daemon: Option<Daemon>,
    },
    /// What was asked for is not there.
    NotFound {
        /// What tailscaled said.
        said: String,
    },
    /// Somebody else has changed it meanwhile (`412`).
    Changed,
    /// It was not done for another reason.
    Refused {
        /// The status of the reply.
        status: u16,
        /// What tailscaled said.
        said: String,
    },
    /// The reply is longer than it may be.
    TooLong {
        /// The endpoint.
        endpoint: String,
        /// So many bytes.
        limit: usize,
    },
    /// The reply does not say what it should.
    Unreadable {
        /// The endpoint.
        endpoint: String,
        /// Where and why.
        reason: String,
    },
}

impl Error {
    /// The error of opening the socket.
    pub(super) fn connecting(socket: &Path, error: &io::Error) -> Self {
        let socket = socket.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::NoSocket(socket),
            io::ErrorKind::ConnectionRefused => Self::NobodyListens(socket),
            io::ErrorKind::PermissionDenied => Self::SocketClosed(socket),
            kind => Self::Socket(socket, kind),
        }
    }

    /// Whether tailscaled does not run, as far as can be seen.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::NoSocket(_) | Self::NobodyListens(_))
    }

    /// What to type next: what mends it, or shows more. No text of others is part of it, but the socket's path.
    pub fn command(&self) -> String {
        const JOURNAL: &str = "journalctl -u tailscaled -n 50";
        match self {
            Self::NoSocket(_) => "sudo systemctl start tailscaled".to_owned(),
            Self::NobodyListens(_) => "sudo systemctl restart tailscaled".to_owned(),
            Self::SocketClosed(socket) => format!("ls -l {}", socket.display()),
            Self::Denied { right, .. } => match right {
                Right::Read => "sudo tsctl status",
                Right::Write => "sudo tailscale set --operator=$USER",
                Right::Certificate => "sudo tsctl cert",
            }
            .to_owned(),
            Self::NoSuchEndpoint { .. } | Self::Unreadable { .. } => "tailscale version".to_owned(),
            Self::NotFound { .. } => "tailscale status".to_owned(),
            Self::Changed => "tailscale serve status".to_owned(),
            Self::Socket(..)
            | Self::TimedOut { .. }
            | Self::BrokenOff(_)
            | Self::Refused { .. }
            | Self::TooLong { .. } => JOURNAL.to_owned(),
        }
    }

    /// What has happened, without what to type about it.
    pub fn what(&self) -> String {
        match self {
            Self::NoSocket(socket) => format!("tailscaled does not run: there is no {}", socket.display()),
            Self::NobodyListens(socket) => {
                format!("tailscaled does not run: it has left {} behind", socket.display())
            }
            Self::SocketClosed(socket) => format!("this user may not open {}", socket.display()),
            // So many wait to be let in that the kernel refuses more (connect(2), unix(7)).
            Self::Socket(socket, io::ErrorKind::WouldBlock) => {
                format!("tailscaled lets nobody in any more at {}", socket.display())
            }
            Self::Socket(socket, kind) => format!("failed to open {}: {kind}", socket.display()),
            Self::TimedOut { endpoint, patience } => {
                format!(
                    "tailscaled did not answer {endpoint} within {} s",
                    patience.as_secs_f64()
                )
            }
            Self::BrokenOff(reason) => format!("tailscaled broke the connection off ({reason})"),
            Self::Denied { said, right } => match right {
                Right::Read => format!("tailscaled said: {said}"),
                Right::Write => {
                    format!("only root and tailscaled's operator may do that (tailscaled said: {said})")
                }
                Right::Certificate => format!(
                    "only root, tailscaled's operator and the user in TS_PERMIT_CERT_UID may read certificates \
                     (tailscaled said: {said})"
                ),
            },
            Self::NoSuchEndpoint { endpoint, daemon } => {
                let who = daemon
                    .as_ref()
                    .map_or_else(|| "this tailscaled".to_owned(), Daemon::to_string);
                format!("{who} does not know {endpoint}: it is too old, or was built without it")
            }
            Self::NotFound { said } => format!("tailscaled said: {said}"),
            Self::Changed => "somebody else has changed it meanwhile".to_owned(),
            Self::Refused { status, said } if said.is_empty() => {
                format!("tailscaled refused it with status {status} and did not say why")
            }
            Self::Refused { said, .. } => format!("tailscaled refused it: {said}"),
            Self::TooLong { endpoint, limit } => {
                format!("the answer to {endpoint} is longer than {} MiB", limit >> 20)
            }
            Self::Unreadable { endpoint, reason } => {
                format!("the answer to {endpoint} is not as it should be: {reason}")
            }
        }
    }

    /// What the command is for.
    fn hint(&self) -> &'static str {
        match self {
            Self::NoSocket(_) | Self::NobodyListens(_) => "Start it",
            Self::SocketClosed(_) => "Look at who may",
            Self::BrokenOff(_) => "Try again; then",
            Self::Denied { right, .. } => match right {
                Right::Read => "Try it as root",
                Right::Write => "Use sudo, or become its operator",
                Right::Certificate => "Use sudo, or set services.tailscale.permitCertUid",
            },
            Self::NoSuchEndpoint { .. } => "Update tailscale, or look at what this one is",
            Self::Unreadable { .. } => "Look at which one answers",
            Self::NotFound { .. } => "Look at what it knows",
            Self::Changed => "Look at it, and repeat the change",
            Self::Socket(..) | Self::TimedOut { .. } | Self::Refused { .. } | Self::TooLong { .. } => {
                "Look at what it does"
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}: {}", self.what(), self.hint(), self.command())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
