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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSocket(socket) => write!(
                f,
                "tailscaled does not run: there is no {}. Start it: sudo systemctl start tailscaled",
                socket.display()
            ),
            Self::NobodyListens(socket) => write!(
                f,
                "tailscaled does not run: it has left {} behind. Start it: sudo systemctl restart tailscaled",
                socket.display()
            ),
            Self::SocketClosed(socket) => write!(
                f,
                "this user may not open {}. Look at who may: ls -l {0}",
                socket.display()
            ),
            Self::Socket(socket, kind) => write!(f, "failed to open {}: {kind}", socket.display()),
            Self::TimedOut { endpoint, patience } => write!(
                f,
                "tailscaled did not answer {endpoint} within {} s. Look at what it does: journalctl -u tailscaled -n 50",
                patience.as_secs_f64()
            ),
            Self::BrokenOff(reason) => write!(
                f,
                "tailscaled broke the connection off ({reason}). Try again; then: journalctl -u tailscaled -n 50"
            ),
            Self::Denied { said, right } => match right {
                Right::Read => write!(f, "tailscaled said: {said}. Try it as root, with sudo"),
                Right::Write => write!(
                    f,
                    "only root and tailscaled's operator may do that (tailscaled said: {said}). Use sudo, or become its \
                     operator: sudo tailscale set --operator=$USER"
                ),
                Right::Certificate => write!(
                    f,
                    "only root, tailscaled's operator and the user in TS_PERMIT_CERT_UID may read certificates (tailscaled \
                     said: {said}). Use sudo, or set services.tailscale.permitCertUid"
                ),
            },
            Self::NoSuchEndpoint { endpoint, daemon } => {
                let who = daemon
                    .as_ref()
                    .map_or_else(|| "this tailscaled".to_owned(), Daemon::to_string);
                write!(
                    f,
                    "{who} does not know {endpoint}: it is too old, or was built without it. Update tailscale, or look at what \
                     this one is: tailscale version"
                )
            }
            Self::NotFound { said } => write!(f, "tailscaled said: {said}"),
            Self::Changed => {
                f.write_str("somebody else has changed it meanwhile; look at it again and repeat the change")
            }
            Self::Refused { status, said } if said.is_empty() => {
                write!(f, "tailscaled refused it with status {status} and did not say why")
            }
            Self::Refused { said, .. } => write!(f, "tailscaled refused it: {said}"),
            Self::TooLong { endpoint, limit } => {
                write!(f, "the answer to {endpoint} is longer than {} MiB", limit >> 20)
            }
            Self::Unreadable { endpoint, reason } => {
                write!(f, "the answer to {endpoint} is not as it should be: {reason}")
            }
        }
    }
}

impl std::error::Error for Error {}
