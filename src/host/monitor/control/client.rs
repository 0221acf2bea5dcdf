//! The side of the commands.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{LIMIT, SOCKET};
use crate::monitor::Report;
use crate::monitor::failover::{Answer, Command};

/// Why the monitor did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreached {
    /// It does not run.
    Away,
    /// This user may not do that.
    Denied(String),
    /// What was asked for cannot be done.
    Impossible(String),
    /// It did not answer in time, or not as it should.
    Silent(String),
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away => f.write_str("the monitor does not run"),
            Self::Denied(said) | Self::Impossible(said) => f.write_str(said),
            Self::Silent(how) => write!(f, "the monitor does not answer: {how}"),
        }
    }
}

/// What the monitor below that directory knows and does.
pub(crate) async fn report(directory: &Path, patience: Duration) -> Result<Report, Unreached> {
    let request = Request::get("/report");
    let body = exchange(directory, patience, request, Bytes::new()).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Unreached::Silent(format!("its report is not as it should be: {error}")))
}

/// Asks the monitor below that directory to do something.
pub(crate) async fn ask(directory: &Path, patience: Duration, command: &Command) -> Result<Answer, Unreached> {
    let unwritable = |error: serde_json::Error| Unreached::Silent(error.to_string());
    let body = serde_json::to_vec(command).map_err(unwritable)?;
    let answer = exchange(directory, patience, Request::post("/failover"), body.into()).await?;
    serde_json::from_slice(&answer)
        .map_err(|error| Unreached::Silent(format!("its answer is not as it should be: {error}")))
}

async fn exchange(
    directory: &Path,
    patience: Duration,
    request: hyper::http::request::Builder,
    body: Bytes,
) -> Result<Bytes, Unreached> {
    let socket = directory.join(SOCKET);
    timeout(patience, exchanged(&socket, request, body))
        .await
        .unwrap_or_else(|_| {
            Err(Unreached::Silent(format!(
                "nothing within {} s",
                patience.as_secs_f64()
            )))
        })
}

async fn exchanged(socket: &PathBuf, request: hyper::http::request::Builder, body: Bytes) -> Result<Bytes, Unreached> {
    let stream = UnixStream::connect(socket).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Unreached::Away,
        io::ErrorKind::PermissionDenied => Unreached::Denied(format!("this user may not open {}", socket.display())),
        _ => Unreached::Silent(format!("{}: {error}", socket.display())),
    })?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken_off)?;
    let request = request
        .header(HOST, "tailwright-monitor")
        .header(CONNECTION, "close")
        .body(Full::new(body))
        .map_err(|error| Unreached::Silent(error.to_string()))?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(broken_off)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LIMIT).collect().await;
        let body = body.map_err(|error| Unreached::Silent(error.to_string()))?.to_bytes();
        match status {
            StatusCode::OK => Ok(body),
            StatusCode::CONFLICT => Err(Unreached::Impossible(said(&body))),
            StatusCode::FORBIDDEN => Err(Unreached::Denied(said(&body))),
            _ => Err(Unreached::Silent(said(&body))),
        }
    };
    tokio::pin!(asking);
    tokio::select! {
        answer = &mut asking => answer,
        // The bytes move as long as this is waited for; it ends when the answer is there.
        _ = connection => asking.await,
    }
}

fn said(body: &[u8]) -> String {
    crate::host::program::said(body)
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn broken_off(error: hyper::Error) -> Unreached {
    Unreached::Silent(error.to_string())
}
