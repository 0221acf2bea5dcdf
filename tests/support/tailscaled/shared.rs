//! What the threads of a fake have in common: what it is like, and its socket.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use super::data_path::DataPath;
use super::request::Request;
use super::scenario::Action;
use super::serving::{Piece, serve};
use super::world::World;

pub struct Shared {
    pub socket: PathBuf,
    world: Mutex<World>,
    pub seen: Mutex<VecDeque<(Instant, Request)>>,
    /// With what each has asked for.
    pub streams: Mutex<Vec<(u64, Sender<Piece>)>>,
    pub path: Option<Arc<dyn DataPath>>,
    /// The listener of now; none while it is away.
    listening: Mutex<Option<Listening>>,
}

struct Listening {
    ends: Arc<AtomicBool>,
    /// The same socket once more, to end it by.
    listener: OwnedFd,
    thread: JoinHandle<()>,
}

impl Shared {
    pub fn new(socket: &Path, world: World, path: Option<Arc<dyn DataPath>>) -> Self {
        Self {
            socket: socket.to_owned(),
            world: Mutex::new(world),
            seen: Mutex::default(),
            streams: Mutex::default(),
            path,
            listening: Mutex::default(),
        }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("no thread of the fake panics with the world in its hands")
    }

    /// Lets packets go as it is like now, and sends what is new to the streams.
    pub fn publish(&self) {
        let mut world = self.world();
        if let Some(path) = &self.path
            && self.listening.lock().expect("as above").is_some()
        {
            path.apply(Some(&world));
        }
        let news = std::mem::take(&mut world.news);
        if world.is_mute {
            return;
        }
        let mut streams = self.streams.lock().expect("as above");
        for news in news {
            streams.retain(|(mask, stream)| {
                let mut lines = news.lines(*mask).iter();
                lines.all(|line| stream.send(Piece::Line(line.clone())).is_ok())
            });
        }
    }

    /// Every stream gets this.
    pub fn tell(&self, piece: &Piece) {
        let mut streams = self.streams.lock().expect("as above");
        streams.retain(|(_, stream)| stream.send(piece.clone()).is_ok());
    }

    /// Does one step of an action at once.
    pub fn act(self: &Arc<Self>, step: &Action) -> Result<(), String> {
        match step {
            Action::Change(change) => {
                self.world().apply(change)?;
                self.set_rights()?;
                self.publish();
            }
            Action::Garbage(bytes) => self.tell(&Piece::Bytes(bytes.clone())),
            Action::EndStreams => self.end_streams(),
            Action::CutStreams => self.cut_streams(),
            Action::Stop => self.stop(),
            Action::Die => self.die(),
            Action::Start => self.come_back()?,
            Action::Restart { .. } => {
                for (after, step) in step.steps() {
                    std::thread::sleep(after);
                    self.act(&step)?;
                }
            }
        }
        Ok(())
    }

    pub fn end_streams(&self) {
        self.streams.lock().expect("as above").clear();
    }

    pub fn cut_streams(&self) {
        self.tell(&Piece::Cut);
        self.end_streams();
    }

    /// It ends as SIGTERM ends it: streams end, the socket is removed.
    pub fn stop(&self) {
        self.end_streams();
        self.end();
        let _ = std::fs::remove_file(&self.socket);
    }

    /// It ends as SIGKILL ends it: streams break off, the socket stays, and nobody listens.
    pub fn die(&self) {
        self.cut_streams();
        self.end();
    }

    fn end(&self) {
        let Some(listening) = self.listening.lock().expect("as above").take() else {
            return;
        };
        listening.ends.store(true, Ordering::SeqCst);
        // Whoever has come in meanwhile.
        self.cut_streams();
        if let Some(path) = &self.path {
            path.apply(None);
        }
        // Wakes the thread that waits for somebody.
        let _ = rustix::net::shutdown(&listening.listener, rustix::net::Shutdown::Both);
        listening.thread.join().expect("the fake does not panic");
    }

    /// It starts again.
    pub fn come_back(self: &Arc<Self>) -> Result<(), String> {
        let _ = std::fs::remove_file(&self.socket);
        let at = |what: &str, error| format!("{}: {what}: {error}", self.socket.display());
        let listener = UnixListener::bind(&self.socket).map_err(|error| at("listen", error))?;
        self.set_rights()?;
        let ends = Arc::new(AtomicBool::new(false));
        let same = listener.try_clone().map_err(|error| at("listen", error))?;
        let (shared, told) = (Arc::clone(self), Arc::clone(&ends));
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
        *self.listening.lock().expect("as above") = Some(Listening {
            ends,
            listener: same.into(),
            thread,
        });
        self.publish();
        Ok(())
    }

    /// Lets in whom it is to let in.
    pub fn set_rights(&self) -> Result<(), String> {
        let (mode, owner) = {
            let world = self.world();
            (world.mode, world.owner)
        };
        if !self.socket.exists() {
            return Ok(());
        }
        let at = |what: &str, error| format!("{}: {what}: {error}", self.socket.display());
        std::fs::set_permissions(&self.socket, PermissionsExt::from_mode(mode)).map_err(|error| at("mode", error))?;
        match owner {
            Some((user, group)) => chown(&self.socket, Some(user), Some(group)).map_err(|error| at("owner", error)),
            None => Ok(()),
        }
    }
}
