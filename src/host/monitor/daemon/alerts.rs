//! What people are told.

use super::Daemon;
use crate::host::monitor::log::{Log, Priority};
use crate::host::monitor::senders::Note;
use crate::monitor::SubjectReport;
use crate::monitor::alert;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::Alarm;

impl Daemon<'_> {
    /// Something began: the log says so, and people are told.
    pub(super) fn raise(&mut self, alarm: &Alarm) {
        self.log.say(Priority::Warning, &format!("alarm: {alarm}"));
        let now = self.clock.now();
        let subjects = SubjectReport::of(self.machine.plan(), self.machine.state(), now);
        let detail = match (alarm, &self.known.lost) {
            // It says what to type, too.
            (Alarm::Layer(Layer::Daemon(told)), Some((fault, said))) if told == fault => said.clone(),
            _ => alert::detail(alarm, &subjects),
        };
        self.courier.raise(alarm, &detail, now);
    }

    /// Something is over.
    pub(super) fn resolve(&mut self, alarm: &Alarm) {
        self.log.say(Priority::Notice, &format!("over: {alarm}"));
        self.courier.resolve(alarm, self.clock.now());
    }

    /// Sends what people are to be told, as far as it is due.
    pub(super) fn tell_people(&mut self) {
        let note = self.courier.pump(self.clock.now());
        say(&mut self.log, note.as_ref());
    }
}

/// Writes down what the courier says.
pub(super) fn say(log: &mut Log<'_>, note: Option<&Note>) {
    match note {
        Some(Note::Trouble(text)) => log.say(Priority::Warning, text),
        Some(Note::Good(text)) => log.say(Priority::Notice, text),
        None => {}
    }
}
