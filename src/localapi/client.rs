//! The client.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::ETAG;
use tokio::time::timeout;

use super::connection::Connection;
use super::daemon::Daemon;
use super::data::Peer;
use super::error::{Error, Right};
use super::patience::Patience;
use super::reply::Reply;
use super::request::Request;
use super::sieve::Sieve;

/// Where tailscaled listens on Linux (`paths.DefaultTailscaledSocket`).
pub const SOCKET: &str = "/run/tailscale/tailscaled.sock";

/// The longest reply that is read, in bytes. The status of 5,000 peers has 7 MiB.
const LIMIT: usize = 64 << 20;

/// A client of one tailscaled. It holds no connection: each question opens one, so that a restart of tailscaled between two
/// questions is not noticed.
///
/// Its methods are in `endpoint`, one file each. They are to be awaited in a tokio runtime with I/O and time.
#[derive(Debug)]
pub struct LocalApi {
    socket: PathBuf,
    patience: Patience,
    daemon: Mutex<Option<Daemon>>,
}

impl LocalApi {
    /// A client of the tailscaled that listens at `socket`.
    pub fn new(socket: impl Into<PathBuf>, patience: Patience) -> Self {
        Self {
            socket: socket.into(),
            patience,
            daemon: Mutex::new(None),
        }
    }

    /// Where tailscaled listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// How long tailscaled has for an answer.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Which tailscaled it was that answered last; nothing before the first answer.
    pub fn daemon(&self) -> Option<Daemon> {
        self.daemon.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks, and has the whole reply within the usual time.
    pub(super) async fn ask(&self, request: Request) -> Result<Reply, Error> {
        self.ask_within(self.patience.usual, request).await
    }

    /// Asks, and has the whole reply within that time.
    pub(super) async fn ask_within(&self, patience: Duration, request: Request) -> Result<Reply, Error> {
        let exchange = async {
            let mut connection = Connection::ask(&self.socket, &request).await?;
            let body = connection.body(LIMIT).await?;
            self.reply(&request, &connection, body)
        };
        timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(Self::timed_out(&request, patience)))
    }

    /// Asks for a status, and has each of its peers while it comes; the reply has the others of its members.
    pub(super) async fn ask_for_peers(&self, request: Request, each: impl FnMut(Peer)) -> Result<Reply, Error> {
        let exchange = async {
            let mut connection = Connection::ask(&self.socket, &request).await?;
            let body = if connection.head().status().is_success() {
                sift(&mut connection, &request, each).await?
            } else {
                connection.body(LIMIT).await?
            };
            self.reply(&request, &connection, body)
        };
        let patience = self.patience.usual;
        timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(Self::timed_out(&request, patience)))
    }

    /// Asks for a stream: a connection whose head is a good one, within the usual time.
    pub(super) async fn open(&self, request: &Request, right: Right) -> Result<Connection, Error> {
        let exchange = async {
            let mut connection = Connection::ask(&self.socket, request).await?;
            if connection.head().status().is_success() {
                self.note(connection.head().headers());
                return Ok(connection);
            }
            let body = connection.body(LIMIT).await?;
            let reply = self.reply(request, &connection, body)?;
            let status = reply.status.as_u16();
            let said = String::new();
            reply.accepted(right).and(Err(Error::Refused { status, said }))
        };
        let patience = self.patience.usual;
        timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(Self::timed_out(request, patience)))
    }

    fn reply(&self, request: &Request, connection: &Connection, body: Option<Bytes>) -> Result<Reply, Error> {
        let head = connection.head();
        let daemon = self.note(head.headers());
        let endpoint = endpoint(request);
        let Some(body) = body else {
            return Err(Error::TooLong { endpoint, limit: LIMIT });
        };
        Ok(Reply {
            status: head.status(),
            daemon,
            etag: head
                .headers()
                .get(ETAG)
                .and_then(|tag| tag.to_str().ok())
                .map(str::to_owned),
            body,
            endpoint,
        })
    }

    /// Remembers which tailscaled it is.
    fn note(&self, headers: &HeaderMap) -> Option<Daemon> {
        let daemon = Daemon::of(headers);
        if daemon.is_some() {
            self.daemon
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&daemon);
        }
        daemon
    }

    fn timed_out(request: &Request, patience: Duration) -> Error {
        Error::TimedOut {
            endpoint: endpoint(request),
            patience,
        }
    }
}

/// A status without its peers, each of which is handed on while it comes; nothing where it is too long.
async fn sift(connection: &mut Connection, request: &Request, each: impl FnMut(Peer)) -> Result<Option<Bytes>, Error> {
    let unreadable = |error: serde_json::Error| Error::Unreadable {
        endpoint: endpoint(request),
        reason: error.to_string(),
    };
    let mut sieve = Sieve::new(each);
    let mut length = 0;
    while let Some(bytes) = connection.next().await? {
        length += bytes.len();
        if length > LIMIT {
            return Ok(None);
        }
        sieve.take(&bytes).map_err(unreadable)?;
    }
    sieve.end().map(Some).map_err(unreadable)
}

/// The endpoint of a request, without its query, as it stands in messages.
pub(super) fn endpoint(request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    path.strip_prefix("/localapi/v0/").unwrap_or(path).to_owned()
}
