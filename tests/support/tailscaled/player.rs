//! Who plays a scenario.

use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::scenario::Action;
use super::shared::Shared;

/// Plays what is later than the beginning. It ends when the value is dropped, wherever it is then.
pub struct Player {
    ends: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Player {
    /// Begins, now.
    pub fn start(shared: Arc<Shared>, steps: Vec<(Duration, Action)>) -> Self {
        let ends = Arc::new((Mutex::new(false), Condvar::new()));
        let told = Arc::clone(&ends);
        let began = Instant::now();
        let thread = std::thread::spawn(move || {
            for (at, step) in steps {
                let (flag, bell) = &*told;
                let guard = flag.lock().expect("nobody panics with it");
                let left = (began + at).saturating_duration_since(Instant::now());
                let (is_over, _) = bell
                    .wait_timeout_while(guard, left, |is_over| !*is_over)
                    .expect("as above");
                if *is_over {
                    break;
                }
                drop(is_over);
                shared.act(&step).map_err(|said| format!("{step}: {said}"))?;
            }
            Ok(())
        });
        Self {
            ends,
            thread: Some(thread),
        }
    }

    /// Whether it has nothing more to do.
    pub fn is_done(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends it; what went wrong in what it has played.
    pub fn end(&mut self) -> Result<(), String> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        *self.ends.0.lock().expect("as above") = true;
        self.ends.1.notify_all();
        thread
            .join()
            .unwrap_or_else(|_| Err("the player has panicked".to_owned()))
    }
}
