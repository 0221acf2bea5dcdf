//! How Prometheus gets at the metrics: a socket that only this host reaches, and a text file.
//!
//! Neither is worth the monitor: where one does not work, that is said once, and the monitor goes on.

mod server;
mod textfile;

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use self::server::Server;
use self::textfile::Textfile;
use crate::model::Metrics;
use crate::monitor::{ClockStep, Moment};
use crate::net::TimeSpan;

/// Somebody wants the metrics, and waits for them there.
pub(super) type Scrape = oneshot::Sender<String>;

/// So many may wait.
const WAITING: usize = 16;

/// The text file is written at most and at least so often.
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_mins(1);

/// What serves and writes the metrics.
#[derive(Debug)]
pub(super) struct Publisher {
    settings: Metrics,
    asks: mpsc::Sender<Scrape>,
    server: Option<Server>,
    textfile: Option<Textfile>,
    every: Duration,
    due: Option<Moment>,
}

impl Publisher {
    /// One that does nothing yet, and what it will be asked through it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Scrape>) {
        let (asks, scrapes) = mpsc::channel(WAITING);
        let publisher = Self {
            settings: Metrics::default(),
            asks,
            server: None,
            textfile: None,
            every: SELDOM,
            due: None,
        };
        (publisher, scrapes)
    }

    /// Does what these settings want from now on; `Err` with what of it does not work.
    pub(super) fn apply(&mut self, settings: &Metrics, interval: TimeSpan, now: Moment) -> Result<(), String> {
        self.every = Duration::from(interval).clamp(OFTEN, SELDOM);
        let mut trouble = Vec::new();
        if settings.listen != self.settings.listen || self.server.is_none() {
            // The former one first: it may be the same port.
            self.server = None;
            if let Some(socket) = &settings.listen {
                match Server::listen(socket, self.asks.clone()) {
                    Ok(server) => self.server = Some(server),
                    Err(error) => trouble.push(format!("the metrics are not served at {socket}: {error}")),
                }
            }
        }
        if settings.textfile != self.settings.textfile {
            self.textfile = settings.textfile.as_ref().map(Textfile::at);
        }
        self.due = self.textfile.is_some().then_some(now);
        self.settings = settings.clone();
        if trouble.is_empty() {
            Ok(())
        } else {
            Err(trouble.join("; "))
        }
    }

    /// The clock was set.
    pub(super) fn step_clock(&mut self, step: ClockStep) {
        self.due = self.due.map(|due| due.moved(step));
    }

    /// When the text file is to be written next.
    pub(super) fn due(&self) -> Option<Moment> {
        self.due
    }

    /// Writes the text file. `Err` with why it could not be, where that is news.
    pub(super) fn write(&mut self, text: &str, now: Moment) -> Result<(), String> {
        let millis = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX);
        self.due = self.textfile.is_some().then(|| now.after_millis(millis));
        self.textfile.as_mut().map_or(Ok(()), |file| file.write(text))
    }
}

#[cfg(test)]
mod tests;
