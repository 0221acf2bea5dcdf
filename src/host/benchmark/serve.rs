//! `tsctl benchmark --serve`: the other side of a measurement.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::protocol::{BUSY, ECHO, LINE, LONGEST, READY, Task, received};
use crate::localapi::LocalApi;

/// So many connections are served at a time.
const MOST: usize = 8;
/// How long one may last altogether.
const WHOLE: Duration = Duration::from_mins(1);
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(5);

/// Serves on these addresses until `until`. Only nodes that tailscaled knows are answered.
pub(super) async fn serve(api: LocalApi, listeners: Vec<TcpListener>, until: Instant) {
    let api = Arc::new(api);
    let room = Arc::new(Semaphore::new(MOST));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        let (api, room) = (Arc::clone(&api), Arc::clone(&room));
        accepting.spawn(async move {
            let mut serving = JoinSet::new();
            loop {
                while serving.try_join_next().is_some() {}
                let Ok((stream, from)) = listener.accept().await else {
                    // Out of file descriptors, perhaps: others have to end first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let permit = Arc::clone(&room).try_acquire_owned();
                let api = Arc::clone(&api);
                serving.spawn(async move {
                    let Ok(_permit) = permit else {
                        let mut stream = stream;
                        let refusal = format!("{BUSY}\n");
                        let _ = timeout(SILENCE, stream.write_all(refusal.as_bytes())).await;
                        return;
                    };
                    // What one client does wrong is his affair.
                    let _ = timeout(WHOLE, answer(&api, stream, from)).await;
                });
            }
        });
    }
    let _ = timeout_at(until, async { while accepting.join_next().await.is_some() {} }).await;
}

async fn answer(api: &LocalApi, mut stream: TcpStream, from: SocketAddr) -> io::Result<()> {
    // Neither who is no node nor whom tailscaled cannot tell apart.
    if !matches!(api.whois_connection(from).await, Ok(Some(_))) {
        return Ok(());
    }
    stream.set_nodelay(true)?;
    stream.write_all(format!("{READY}\n").as_bytes()).await?;
    let Some(line) = timeout(SILENCE, line(&mut stream)).await?? else {
        return Ok(());
    };
    match Task::read(&line) {
        Some(Task::Download(span)) => {
            send(&mut stream, span).await?;
            stream.shutdown().await
        }
        Some(Task::Upload(_)) => {
            let (bytes, span) = take(&mut stream, LONGEST + SILENCE, |_| ()).await?;
            stream.write_all(received(bytes, span).as_bytes()).await
        }
        Some(Task::Echo) => loop {
            let mut bytes = [0; ECHO];
            timeout(SILENCE, stream.read_exact(&mut bytes)).await??;
            stream.write_all(&bytes).await?;
        },
        None => Ok(()),
    }
}

/// A line without its end; nothing where it is too long, or no text.
pub(super) async fn line(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut line = Vec::with_capacity(LINE);
    // Byte by byte: what follows the line is not this line's.
    while line.len() < LINE {
        match stream.read_u8().await? {
            b'\n' => return Ok(String::from_utf8(line).ok()),
            byte => line.push(byte),
        }
    }
    Ok(None)
}

/// Sends for so long.
pub(super) async fn send(stream: &mut TcpStream, span: Duration) -> io::Result<()> {
    // What no link can make smaller.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let bytes: Vec<u8> = (0..16_384)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        })
        .collect();
    let until = Instant::now() + span;
    while let Ok(written) = timeout_at(until, stream.write_all(&bytes)).await {
        written?;
    }
    Ok(())
}

/// Takes what comes until its end, at most for so long: how much, and the time from the first bytes to the last. Each part is
/// told to `told`.
pub(super) async fn take(
    stream: &mut TcpStream,
    longest: Duration,
    mut told: impl FnMut(u64),
) -> io::Result<(u64, Duration)> {
    let mut bytes = vec![0; 65_536];
    let mut sum = 0_u64;
    let until = Instant::now() + longest;
    let mut first: Option<Instant> = None;
    let mut last = Instant::now();
    while let Ok(read) = timeout_at(until, stream.read(&mut bytes)).await {
        let length = read?;
        if length == 0 {
            break;
        }
        last = Instant::now();
        // What begins the clock is not counted: nobody knows how long it was under way.
        if first.is_some() {
            sum += u64::try_from(length).unwrap_or_default();
            told(sum);
        }
        first.get_or_insert(last);
    }
    Ok((sum, first.map_or(Duration::ZERO, |first| last.duration_since(first))))
}
