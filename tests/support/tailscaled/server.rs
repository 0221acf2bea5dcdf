//! The socket.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answer::{Answer, Reply};
use super::data_path::DataPath;
use super::http;
use super::request::Request;
use super::scenario::Scenario;
use super::world::World;
use crate::support::scratch::Scratch;

/// A fake tailscaled that listens. It ends, and its socket goes, when the value is dropped.
pub struct Tailscaled {
    shared: Arc<Shared>,
    socket: PathBuf,
    /// The listener of now; none while it is away.
    listening: Option<Listening>,
    /// The directory of the socket, where it is its own.
    scratch: Option<Scratch>,
}

struct Listening {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

struct Shared {
    world: Mutex<World>,
    seen: Mutex<VecDeque<(Instant, Request)>>,
    streams: Mutex<Vec<Sender<Value>>>,
    path: Option<Arc<dyn DataPath>>,
}

/// Of what it was asked, it remembers so much.
const MEMORY: usize = 100_000;

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("no thread of the fake panics with the world in its hands")
    }

    /// Lets packets go as it is like now, and sends what is new to the streams.
    fn publish(&self) {
        if let Some(path) = &self.path {
            path.apply(Some(&self.world()));
        }
        let news = std::mem::take(&mut self.world().news);
        let mut streams = self.streams.lock().expect("as above");
        for line in news {
            streams.retain(|stream| stream.send(line.clone()).is_ok());
        }
    }
}

impl Tailscaled {
    /// One like that, at a socket of its own.
    pub fn start(world: World) -> Self {
        let scratch = Scratch::new();
        let socket = scratch.path().join("tailscaled.sock");
        let mut fake = Self::at(&socket, world);
        fake.scratch = Some(scratch);
        fake
    }

    /// One like that, at this socket.
    pub fn at(socket: &Path, world: World) -> Self {
        Self::on_path(socket, world, None)
    }

    /// One like that, at a socket of its own, which decides where packets go.
    pub fn with_path(world: World, path: Arc<dyn DataPath>) -> Self {
        let scratch = Scratch::new();
        let mut fake = Self::on_path(&scratch.path().join("tailscaled.sock"), world, Some(path));
        fake.scratch = Some(scratch);
        fake
    }

    fn on_path(socket: &Path, world: World, path: Option<Arc<dyn DataPath>>) -> Self {
        let mut fake = Self {
            shared: Arc::new(Shared {
                world: Mutex::new(world),
                seen: Mutex::default(),
                streams: Mutex::default(),
                path,
            }),
            socket: socket.to_owned(),
            listening: None,
            scratch: None,
        };
        fake.come_back();
        fake
    }

    /// One that does as the scenario says, from now on.
    pub fn play(scenario: &str) -> Self {
        let scratch = Scratch::new();
        let mut fake = Self::play_at(&scratch.path().join("tailscaled.sock"), scenario);
        fake.scratch = Some(scratch);
        fake
    }

    /// The same, at this socket.
    pub fn play_at(socket: &Path, scenario: &str) -> Self {
        let scenario = Scenario::read(scenario);
        let fake = Self::at(socket, scenario.world);
        let shared = Arc::clone(&fake.shared);
        // It ends with the test, if not before.
        std::thread::spawn(move || {
            for step in scenario.steps {
                std::thread::sleep(step.after);
                (step.change)(&mut shared.world());
                shared.publish();
            }
        });
        fake
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Changes what it is like; streams hear of it.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let done = change(&mut self.shared.world());
        self.shared.publish();
        done
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Request> {
        self.timed().into_iter().map(|(_, request)| request).collect()
    }

    /// The same, with when.
    pub fn timed(&self) -> Vec<(Instant, Request)> {
        self.shared.seen.lock().expect("as above").iter().cloned().collect()
    }

    /// How many streams are open, as far as it knows.
    pub fn streams(&self) -> usize {
        self.shared.streams.lock().expect("as above").len()
    }

    /// It breaks off what it streams, and goes on.
    pub fn end_streams(&self) {
        self.shared.streams.lock().expect("as above").clear();
    }

    /// It ends as SIGTERM ends it: streams end, the socket is removed.
    pub fn stop(&mut self) {
        self.die();
        let _ = std::fs::remove_file(&self.socket);
    }

    /// It ends as SIGKILL ends it: the socket stays, and nobody listens.
    pub fn die(&mut self) {
        let Some(listening) = self.listening.take() else { return };
        listening.ends.store(true, Ordering::SeqCst);
        self.shared.streams.lock().expect("as above").clear();
        if let Some(path) = &self.shared.path {
            path.apply(None);
        }
        // Wakes the thread that waits for somebody.
        let _ = UnixStream::connect(&self.socket);
        listening.thread.join().expect("the fake does not panic");
    }

    /// It starts again.
    pub fn come_back(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
        let listener = UnixListener::bind(&self.socket).expect("a socket");
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(&self.socket, everybody).expect("it is ours");
        self.shared.publish();
        let ends = Arc::new(AtomicBool::new(false));
        let (shared, told) = (Arc::clone(&self.shared), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), shared, told) = (stream, Arc::clone(&shared), Arc::clone(&told)) else {
                    continue;
                };
                std::thread::spawn(move || {
                    // A client that leaves is no fault of the fake.
                    let _ = serve(&stream, &shared, &told);
                });
            }
        });
        self.listening = Some(Listening { ends, thread });
    }
}

impl Drop for Tailscaled {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(stream: &UnixStream, shared: &Shared, ends: &AtomicBool) -> io::Result<()> {
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
    act(stream, answer, shared, ends)
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

fn act(mut stream: &UnixStream, answer: Answer, shared: &Shared, ends: &AtomicBool) -> io::Result<()> {
    match answer {
        Answer::Reply(reply) => {
            let version = shared.world().version.clone();
            http::write(stream, &reply, &version)
        }
        Answer::Bytes(bytes) => stream.write_all(&bytes),
        Answer::After(delay, answer) => {
            std::thread::sleep(delay);
            act(stream, *answer, shared, ends)
        }
        Answer::Silence => {
            stream.set_read_timeout(Some(Duration::from_millis(20)))?;
            while !ends.load(Ordering::SeqCst) {
                match stream.read(&mut [0; 16]) {
                    Ok(0) => break,
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        }
        Answer::Stream { mask } => {
            let (sender, news) = channel();
            let (first, version) = {
                let world = shared.world();
                shared.streams.lock().expect("as above").push(sender);
                (world.first_lines(mask), world.version.clone())
            };
            http::write_stream_head(stream, &version)?;
            for line in first {
                tell(stream, &line)?;
            }
            tell_news(stream, &news)
        }
    }
}

/// Tells what is new until the fake ends or the client leaves.
fn tell_news(mut stream: &UnixStream, news: &Receiver<Value>) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    loop {
        match news.recv_timeout(Duration::from_millis(20)) {
            Ok(line) => {
                stream.set_nonblocking(false)?;
                tell(stream, &line)?;
                stream.set_nonblocking(true)?;
            }
            Err(RecvTimeoutError::Timeout) => match stream.read(&mut [0; 16]) {
                Ok(0) => return Ok(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            },
            // It ends: the stream has an end, too.
            Err(RecvTimeoutError::Disconnected) => {
                stream.set_nonblocking(false)?;
                return stream.write_all(b"0\r\n\r\n");
            }
        }
    }
}

fn tell(stream: &UnixStream, line: &Value) -> io::Result<()> {
    // In two pieces: a line need not come whole.
    let line = format!("{line}\n");
    let (one, other) = line.as_bytes().split_at(line.len() / 2);
    http::write_chunk(stream, one)?;
    http::write_chunk(stream, other)
}
