//! What it does with one connection.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answer::{Answer, Reply};
use super::data_path::DataPath;
use super::http;
use super::request::Request;
use super::shared::Shared;

/// What a stream gets.
#[derive(Debug, Clone)]
pub enum Piece {
    Line(Value),
    Bytes(Vec<u8>),
    /// It breaks off.
    Cut,
}

/// Of what it was asked, it remembers so much.
const MEMORY: usize = 100_000;
/// So often it looks whether the client has left, or it ends itself.
const GLANCE: Duration = Duration::from_millis(20);

pub fn serve(stream: &UnixStream, shared: &Shared, ends: &AtomicBool) -> io::Result<()> {
    let uid = rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw();
    let Some(request) = http::read(stream, uid)? else {
        return Ok(());
    };
    {
        let mut seen = shared.seen.lock().expect("as above");
        if seen.len() >= MEMORY {
            seen.pop_front();
        }
        seen.push_back((Instant::now(), request.clone()));
    }
    let answer = shared.world().answer(&request);
    if request.method != "GET" {
        shared.publish();
    }
    let answer = match &shared.path {
        Some(path) if request.endpoint() == Some("ping") => measured(answer, &request, path.as_ref()),
        _ => answer,
    };
    Connection { stream, shared, ends }.act(answer)
}

/// The answer to a ping of a peer, where packets decide.
fn measured(answer: Answer, request: &Request, path: &dyn DataPath) -> Answer {
    let Answer::After(_, reply) = &answer else {
        return answer;
    };
    let Some(reply) = reply.reply() else { return answer };
    let Ok(mut pong) = serde_json::from_str::<Value>(&reply.body) else {
        return answer;
    };
    match path.ping(request.parameter("ip")) {
        Some(took) => {
            pong["LatencySeconds"] = took.as_secs_f64().into();
            Reply::json(&pong).into()
        }
        None => Answer::Silence,
    }
}

struct Connection<'a> {
    stream: &'a UnixStream,
    shared: &'a Shared,
    ends: &'a AtomicBool,
}

impl Connection<'_> {
    fn act(&self, answer: Answer) -> io::Result<()> {
        let mut stream = self.stream;
        match answer {
            Answer::Reply(reply) => {
                let version = self.shared.world().version.clone();
                stream.write_all(&http::reply(&reply, &version))
            }
            Answer::Bytes(bytes) => stream.write_all(&bytes),
            Answer::After(delay, answer) => {
                if self.wait(delay) {
                    return Ok(());
                }
                self.act(*answer)
            }
            Answer::Silence => self.keep_open(),
            Answer::Part { of, length, ends } => self.begin(*of, length, ends),
            Answer::Stream { mask } => {
                let (sender, news) = channel();
                let head = {
                    let world = self.shared.world();
                    self.shared.streams.lock().expect("as above").push((mask, sender));
                    let mut head = vec![http::stream_head(&world.version)];
                    head.extend(world.first_lines(mask).iter().flat_map(line));
                    head
                };
                head.iter().try_for_each(|piece| stream.write_all(piece))?;
                self.tell_news(&news)
            }
        }
    }

    /// Lets time pass; whether it has ended meanwhile.
    fn wait(&self, delay: Duration) -> bool {
        let until = Instant::now() + delay;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.ends.load(Ordering::SeqCst) {
                return !left.is_zero();
            }
            std::thread::sleep(left.min(GLANCE));
        }
    }

    /// Sends so many bytes of an answer. Then this side of the connection is closed, or nothing more is said.
    fn begin(&self, answer: Answer, length: usize, ends: bool) -> io::Result<()> {
        let bytes = match answer {
            Answer::Reply(reply) => http::reply(&reply, &self.shared.world().version),
            Answer::Bytes(bytes) => bytes,
            Answer::Stream { mask } => {
                let world = self.shared.world();
                let lines = world.first_lines(mask);
                let lines = lines.iter().flat_map(line).flatten();
                http::stream_head(&world.version).into_iter().chain(lines).collect()
            }
            Answer::After(delay, of) => {
                if self.wait(delay) {
                    return Ok(());
                }
                return self.begin(*of, length, ends);
            }
            Answer::Silence | Answer::Part { .. } => Vec::new(),
        };
        let mut stream = self.stream;
        stream.write_all(bytes.get(..length).unwrap_or(&bytes))?;
        if ends {
            stream.shutdown(Shutdown::Write)?;
        }
        self.keep_open()
    }

    /// Says nothing until the client leaves or it ends itself.
    fn keep_open(&self) -> io::Result<()> {
        let mut stream = self.stream;
        stream.set_read_timeout(Some(GLANCE))?;
        while !self.ends.load(Ordering::SeqCst) {
            match stream.read(&mut [0; 16]) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells what is new until the fake ends or the client leaves.
    fn tell_news(&self, news: &Receiver<Piece>) -> io::Result<()> {
        let mut stream = self.stream;
        stream.set_nonblocking(true)?;
        loop {
            let piece = news.recv_timeout(GLANCE);
            if matches!(piece, Err(RecvTimeoutError::Timeout)) {
                match stream.read(&mut [0; 16]) {
                    Ok(0) => return Ok(()),
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    _ => continue,
                }
            }
            stream.set_nonblocking(false)?;
            match piece {
                Ok(Piece::Line(value)) => line(&value).iter().try_for_each(|piece| stream.write_all(piece))?,
                Ok(Piece::Bytes(bytes)) => stream.write_all(&http::chunk(&bytes))?,
                Ok(Piece::Cut) => return stream.write_all(&http::chunk(b"{\"Version\":\"1.")),
                // It ends: the stream has an end, too.
                Err(_) => return stream.write_all(http::LAST_CHUNK),
            }
            stream.set_nonblocking(true)?;
        }
    }
}

/// A line of the bus in two pieces: it need not come whole.
fn line(value: &Value) -> [Vec<u8>; 2] {
    let line = format!("{value}\n");
    let (one, other) = line.as_bytes().split_at(line.len() / 2);
    [http::chunk(one), http::chunk(other)]
}
