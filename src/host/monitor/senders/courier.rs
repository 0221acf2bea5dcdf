//! The outbox on disk, and what is on its way.

use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::{Credentials, send, told};
use crate::host::monitor::store::{keep_aside, write_durably};
use crate::host::program::printable;
use crate::model::{Alerts, MonitorSettings};
use crate::monitor::alert::{Delivery, Outbox, Outcome, Tally};
use crate::monitor::failover::Alarm;
use crate::monitor::{ClockStep, Moment};
use crate::net::CredentialName;

/// The outbox, below the state directory.
pub(crate) const ALERTS: &str = "alerts.json";
/// Longer files are no outboxes.
const LIMIT: u64 = 16 << 20;

/// Takes what people are to be told, keeps it on disk, and carries it to them, each receiver by itself.
///
/// [`pump`](Self::pump) is to be called after everything that may have changed something, and at the
/// [`deadline`](Self::deadline); [`finished`](Self::finished) is to be waited for.
#[derive(Debug)]
pub(crate) struct Courier {
    directory: PathBuf,
    outbox: Outbox,
    alerts: Alerts<CredentialName>,
    credentials: Credentials,
    /// What is on its way. Dropping it ends that.
    works: JoinSet<(u64, Outcome)>,
    /// What lies on disk.
    written: String,
    /// Whether the last attempt to write it failed.
    is_unwritten: bool,
}

/// Something that the log should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// Something does not work.
    Trouble(String),
    /// Something works again.
    Good(String),
}

impl Courier {
    /// With what lies on disk. What cannot be read is kept aside, and said.
    pub(crate) fn open(directory: &Path, settings: &MonitorSettings, now: Moment) -> (Self, Option<Note>) {
        let path = directory.join(ALERTS);
        let (outbox, note) = match read(&path, settings, now) {
            Ok(Some(outbox)) => (outbox, None),
            Ok(None) => (Outbox::new(&settings.host, &settings.alerts, now), None),
            Err(reason) => {
                let kept = keep_aside(&path, "alerts.json.broken");
                let note = Note::Trouble(format!("{reason}. {kept}"));
                (Outbox::new(&settings.host, &settings.alerts, now), Some(note))
            }
        };
        let courier = Self {
            directory: directory.to_owned(),
            outbox,
            alerts: settings.alerts.clone(),
            credentials: Credentials::of_process(),
            works: JoinSet::new(),
            written: String::new(),
            is_unwritten: false,
        };
        (courier, note)
    }

    /// The settings have been read again.
    pub(crate) fn reload(&mut self, settings: &MonitorSettings, now: Moment) {
        self.alerts = settings.alerts.clone();
        self.outbox.reload(&settings.host, &settings.alerts, now);
    }

    /// The clock was set.
    pub(crate) fn step_clock(&mut self, step: ClockStep) {
        self.outbox.step_clock(step);
    }

    /// Something began.
    pub(crate) fn raise(&mut self, alarm: &Alarm, detail: &str, now: Moment) {
        self.outbox.raise(alarm, detail, now);
    }

    /// Something is over.
    pub(crate) fn resolve(&mut self, alarm: &Alarm, now: Moment) {
        self.outbox.resolve(alarm, now);
    }

    /// What goes on is exactly this.
    pub(crate) fn align(&mut self, alarms: &BTreeSet<Alarm>, now: Moment) {
        self.outbox.align(alarms, now);
    }

    /// Writes what has changed to disk, then sends what is due.
    pub(crate) fn pump(&mut self, now: Moment) -> Option<Note> {
        let due = self.outbox.due(now);
        let text = self.outbox.text();
        let note = (text != self.written).then(|| self.save(text)).flatten();
        for delivery in due {
            self.start(delivery);
        }
        note
    }

    /// People are told although it cannot be written: that may be what they are told.
    fn save(&mut self, text: String) -> Option<Note> {
        match write_durably(&self.directory, ALERTS, &text) {
            Ok(()) => {
                self.written = text;
                let was_unwritten = std::mem::take(&mut self.is_unwritten);
                was_unwritten.then(|| Note::Good("what people are to be told is on disk again".to_owned()))
            }
            Err(error) => {
                let was_unwritten = std::mem::replace(&mut self.is_unwritten, true);
                (!was_unwritten).then(|| {
                    Note::Trouble(format!(
                        "what people are to be told could not be written to {}: {error}",
                        printable(&self.directory)
                    ))
                })
            }
        }
    }

    fn start(&mut self, delivery: Delivery) {
        let Some(receiver) = self.alerts.receivers.get(&delivery.receiver).cloned() else {
            return;
        };
        let credentials = self.credentials.clone();
        self.works.spawn(async move {
            // A task of its own: if it panics, the receiver is tried again.
            let sending = tokio::spawn(async move { send(&receiver, &credentials, &delivery.message).await });
            let outcome = sending.await.unwrap_or_else(|error| Outcome::Unanswered(told(&error)));
            (delivery.id, outcome)
        });
    }

    /// Waits until an attempt has ended, which never happens while there is none. It may be dropped.
    pub(crate) async fn finished(&mut self) -> (u64, Outcome) {
        loop {
            match self.works.join_next().await {
                Some(Ok(done)) => return done,
                Some(Err(_)) => {}
                None => return pending().await,
            }
        }
    }

    /// What became of an attempt.
    pub(crate) fn ended(&mut self, (id, outcome): (u64, Outcome), now: Moment) -> Option<Note> {
        let (receiver, was_in_trouble) = self.outbox.receiver_of(id)?;
        let note = match &outcome {
            Outcome::Delivered if was_in_trouble => Some(Note::Good(format!("{receiver} is told again"))),
            Outcome::Later(reason, _) | Outcome::Unanswered(reason) if !was_in_trouble => Some(Note::Trouble(format!(
                "{receiver} could not be told: {reason}; it is tried again"
            ))),
            Outcome::Delivered | Outcome::Later(..) | Outcome::Unanswered(_) => None,
            Outcome::Refused(reason) => Some(Note::Trouble(format!("{receiver} refuses a message: {reason}"))),
        };
        self.outbox.delivered(id, outcome, now);
        note
    }

    /// When [`pump`](Self::pump) has something to do.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        self.outbox.deadline()
    }

    /// What has been counted, and what waits.
    pub(crate) fn tally(&self) -> Tally {
        self.outbox.tally()
    }
}

fn read(path: &Path, settings: &MonitorSettings, now: Moment) -> Result<Option<Outbox>, String> {
    let said = |error: io::Error| format!("the messages that wait cannot be read: {error}");
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(said(error)),
        Ok(about) if about.len() > LIMIT => return Err(format!("the messages that wait are {} bytes", about.len())),
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(path).map_err(said)?;
    Outbox::read(&text, &settings.host, &settings.alerts, now)
        .map(Some)
        .map_err(|error| error.to_string())
}
