//! The place of systemd at the end of `NOTIFY_SOCKET` (`sd_notify(3)`).

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Keeps what it is told. It reads at once, for whoever tells it waits for that.
pub struct NotifySocket {
    messages: Arc<Mutex<Vec<String>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NotifySocket {
    /// One at that path.
    pub fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a fresh directory");
        let short = Some(Duration::from_millis(50));
        socket.set_read_timeout(short).expect("a socket");
        let (messages, ends) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (heard, over) = (Arc::clone(&messages), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while !over.load(Ordering::SeqCst) {
                let Ok(length) = socket.recv(&mut bytes) else { continue };
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                heard.lock().expect("nobody panics with it").push(text);
            }
        });
        Self {
            messages,
            ends,
            thread: Some(thread),
        }
    }

    /// What it was told so far, a message each: lines of `NAME=value`.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().expect("nobody panics with it").clone()
    }

    /// How many messages have that line.
    pub fn count(&self, line: &str) -> usize {
        let messages = self.messages();
        messages
            .iter()
            .filter(|message| message.lines().any(|one| one == line))
            .count()
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
