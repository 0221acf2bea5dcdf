//! The side that measures.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::progress::Progress;
use super::protocol::{BUSY, ECHO, READY, Task, read_received};
use super::serve::{line, send, take};
use crate::host::tailnet::micros;

/// Between two echoes.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one may be under way; a queue of a second is seen.
const PATIENCE: Duration = Duration::from_secs(3);

/// What became of a connection to a server.
pub(super) enum Server {
    /// It is ready.
    Ready(TcpStream),
    /// It serves others.
    Busy,
    /// Nobody serves there, or not this.
    Nobody,
}

/// Connects to the server there.
pub(super) async fn connect(to: SocketAddr) -> Server {
    let greeting = async {
        let mut stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let said = line(&mut stream).await?;
        io::Result::Ok((stream, said))
    };
    match timeout(PATIENCE, greeting).await {
        Ok(Ok((stream, Some(said)))) if said == READY => Server::Ready(stream),
        Ok(Ok((_, Some(said)))) if said == BUSY => Server::Busy,
        _ => Server::Nobody,
    }
}

async fn ready(to: SocketAddr) -> io::Result<TcpStream> {
    match connect(to).await {
        Server::Ready(stream) => Ok(stream),
        _ => Err(io::ErrorKind::ConnectionRefused.into()),
    }
}

/// How long a connection takes to come about, in microseconds.
pub(super) async fn connecting(to: SocketAddr) -> Option<u64> {
    let began = Instant::now();
    let connected = timeout(PATIENCE, TcpStream::connect(to)).await;
    // A refusal has come from there as well.
    match connected {
        Ok(Ok(_)) => Some(micros(began.elapsed())),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Some(micros(began.elapsed())),
        _ => None,
    }
}

/// Whether somebody listens there.
pub(super) async fn listens(to: SocketAddr) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect(to)).await, Ok(Ok(_)))
}

/// Round trips in microseconds for so long; nothing where one did not come back.
pub(super) async fn echoes(to: SocketAddr, span: Duration) -> io::Result<Vec<Option<u64>>> {
    let mut stream = ready(to).await?;
    stream.write_all(Task::Echo.line().as_bytes()).await?;
    let mut round_trips = Vec::new();
    let until = Instant::now() + span;
    while Instant::now() < until {
        let began = Instant::now();
        let exchange = async {
            stream.write_all(&[b'.'; ECHO]).await?;
            stream.read_exact(&mut [0; ECHO]).await
        };
        if let Ok(Ok(_)) = timeout(PATIENCE, exchange).await {
            round_trips.push(Some(micros(began.elapsed())));
        } else {
            // What comes later would be taken for the next one.
            round_trips.push(None);
            break;
        }
        sleep_until((began + PAUSE).min(until)).await;
    }
    Ok(round_trips)
}

/// Bits per second from there, and the round trips meanwhile.
pub(super) async fn download(
    to: SocketAddr,
    span: Duration,
    progress: &Progress,
) -> io::Result<(u64, Vec<Option<u64>>)> {
    let mut stream = ready(to).await?;
    stream.write_all(Task::Download(span).line().as_bytes()).await?;
    let began = Instant::now();
    let taking = take(&mut stream, span + PATIENCE, |sum| {
        progress.at(began.elapsed(), rate(sum, began.elapsed()));
    });
    let (taken, round_trips) = tokio::join!(taking, loaded(to, span));
    let (bytes, took) = taken?;
    Ok((rate(bytes, took), round_trips))
}

/// Bits per second to there, and the round trips meanwhile.
pub(super) async fn upload(to: SocketAddr, span: Duration, progress: &Progress) -> io::Result<(u64, Vec<Option<u64>>)> {
    let mut stream = ready(to).await?;
    stream.write_all(Task::Upload(span).line().as_bytes()).await?;
    let sending = async {
        send(&mut stream, span).await?;
        stream.shutdown().await?;
        let said = timeout(PATIENCE * 3, line(&mut stream)).await??;
        said.as_deref()
            .and_then(read_received)
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    };
    // How much arrives is known at the end only.
    let (received, round_trips) = tokio::join!(progress.during(sending), loaded(to, span));
    let (bytes, took) = received?;
    Ok((rate(bytes, took), round_trips))
}

/// Round trips while something else fills the link: not from its first moments.
async fn loaded(to: SocketAddr, span: Duration) -> Vec<Option<u64>> {
    let start = span / 5;
    tokio::time::sleep(start).await;
    echoes(to, span.saturating_sub(start)).await.unwrap_or_default()
}

/// Bits per second.
fn rate(bytes: u64, span: Duration) -> u64 {
    let bits = u128::from(bytes) * 8 * 1_000_000;
    let rate = bits.checked_div(span.as_micros()).unwrap_or_default();
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Where a server is.
pub(super) fn place(address: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(address, port)
}
