//! What people are told.

use super::{Daemon, LOOK};
use crate::host::monitor::log::{Log, Priority};
use crate::host::monitor::senders::Note;
use crate::monitor::SubjectReport;
use crate::monitor::alert;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::Alarm;

impl Daemon {
    /// Something began: the log says so, and people are told.
    pub(super) fn raise(&mut self, alarm: &Alarm) {
        self.log.alarm(alarm, true);
        let now = self.clock.now();
        let subjects = SubjectReport::of(self.machine.plan(), self.machine.state(), now);
        let detail = match (alarm, &self.known.lost) {
            // It says what to type, too.
            (Alarm::Layer(Layer::Daemon(told)), Some((fault, said))) if told == fault => said.clone(),
            _ => alert::detail(alarm, &subjects),
        };
        self.courier.raise(alarm, &detail, now);
        self.has_mail = true;
    }

    /// Something is over.
    pub(super) fn resolve(&mut self, alarm: &Alarm) {
        self.log.alarm(alarm, false);
        self.courier.resolve(alarm, self.clock.now());
        self.has_mail = true;
    }

    /// Sends what people are to be told, as far as it is due.
    pub(super) fn tell_people(&mut self) {
        let now = self.clock.now();
        // What could not be written is tried again.
        let is_due = now.since(self.pumped) >= LOOK || self.courier.deadline().is_some_and(|deadline| deadline <= now);
        if !is_due && !std::mem::take(&mut self.has_mail) {
            return;
        }
        self.pumped = now;
        let note = self.courier.pump(now);
        say(&mut self.log, note.as_ref());
    }
}

/// Writes down what the courier says.
pub(super) fn say(log: &mut Log, note: Option<&Note>) {
    match note {
        Some(Note::Trouble(text)) => log.say(Priority::Warning, text),
        Some(Note::Good(text)) => log.say(Priority::Notice, text),
        None => {}
    }
}
