//! Why there is no good answer.

use std::io;

use rustix::io::Errno;

use crate::monitor::Fault;

/// The longest sentence of others that is kept, in characters.
const LONGEST: usize = 160;

/// Why there is no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing came. Whoever waits knows how long.
    Silence,
    /// Something came, and it says that it does not work; or the kernel knows that it cannot.
    Says(String),
    /// It cannot be asked here.
    CannotTell(String),
}

impl Trouble {
    /// What somebody else says, without what would not be one line of text.
    pub(super) fn says(said: &str) -> Self {
        let plain = said.chars().map(|c| if c.is_control() { ' ' } else { c });
        Self::Says(plain.take(LONGEST).collect())
    }

    /// What an error of a socket means.
    pub(in crate::host) fn of(error: &io::Error) -> Self {
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::TIMEDOUT) => Self::Silence,
            Some(Errno::CONNREFUSED) => Self::says("the connection was refused"),
            Some(Errno::CONNRESET) => Self::says("the connection was reset"),
            Some(Errno::NETUNREACH) => Self::says("there is no route to it"),
            Some(Errno::HOSTUNREACH) => Self::says("the host is not reached"),
            Some(Errno::NODEV) => Self::says("the interface is not there"),
            Some(errno @ (Errno::ACCESS | Errno::PERM)) => {
                Self::CannotTell(format!("the host does not let it be sent: {errno}"))
            }
            Some(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)) => {
                Self::CannotTell(format!("the host has run out of something: {errno}"))
            }
            _ if error.kind() == io::ErrorKind::UnexpectedEof => Self::says("the connection was closed"),
            _ => Self::says(&error.to_string()),
        }
    }

    /// The same as a sentence.
    pub(in crate::host) fn words(self) -> String {
        match self {
            Self::Silence => "no answer".to_owned(),
            Self::Says(said) | Self::CannotTell(said) => said,
        }
    }

    /// The same for the failover machine; `waited` is the whole time limit, in milliseconds.
    pub(super) fn fault(self, waited: u64) -> Result<Fault, String> {
        match self {
            Self::Silence => Ok(Fault::NoAnswer { waited }),
            Self::Says(said) => Ok(Fault::Answered(said)),
            Self::CannotTell(why) => Err(why),
        }
    }
}
