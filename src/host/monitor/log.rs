//! What the monitor says.

use std::path::Path;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::journal::{Field, Journal};
use crate::monitor::alert::about;
use crate::monitor::decision::What;
use crate::monitor::failover::Alarm;

/// How urgent it is (sd-daemon(3), syslog(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// Something does not work.
    Error = 3,
    /// Somebody should look.
    Warning = 4,
    /// Something was done.
    Notice = 5,
}

/// What the monitor says: to the journal, where that reads it, as records with fields of their own; otherwise one line each, for
/// standard error.
#[derive(Debug)]
pub(super) struct Log {
    lines: UnboundedSender<String>,
    /// Whether the journal reads the lines: the priority stands before each (`<4>`, sd-daemon(3)).
    has_priorities: bool,
    journal: Option<Journal>,
}

impl Log {
    /// One, with the journal at that socket where this process is read by it; and the lines for standard error.
    pub(super) fn new(journal: &Path) -> (Self, UnboundedReceiver<String>) {
        let is_read = is_read_by_journal();
        let (lines, written) = unbounded_channel();
        let log = Self {
            lines,
            has_priorities: is_read,
            journal: is_read.then(|| Journal::at(journal).ok()).flatten(),
        };
        (log, written)
    }

    /// Says it.
    pub(super) fn say(&mut self, priority: Priority, text: &str) {
        self.tell(priority, text, Vec::new());
    }

    /// Says that something was decided, or what came of it.
    pub(super) fn decided(&mut self, what: &What) {
        self.tell(Priority::Notice, &what.to_string(), of_decision(what));
    }

    /// Says that something began, or is over.
    pub(super) fn alarm(&mut self, alarm: &Alarm, begins: bool) {
        if begins {
            self.tell(Priority::Warning, &format!("alarm: {alarm}"), of_alarm("alarm", alarm));
        } else {
            self.tell(Priority::Notice, &format!("over: {alarm}"), of_alarm("over", alarm));
        }
    }

    fn tell(&mut self, priority: Priority, text: &str, more: Vec<Field>) {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let number = priority as u8;
        if let Some(journal) = &self.journal {
            let mut fields = vec![
                ("MESSAGE", line.clone()),
                ("PRIORITY", number.to_string()),
                ("SYSLOG_IDENTIFIER", "tsctl".to_owned()),
            ];
            fields.extend(more);
            if journal.tell(&fields).is_ok() {
                return;
            }
        }
        let line = if self.has_priorities {
            format!("<{number}>{line}")
        } else {
            line
        };
        // That nobody reads it is no reason not to monitor.
        let _ = self.lines.send(line);
    }
}

/// Whether standard error leads to the journal: `JOURNAL_STREAM` is inherited by what is started in a terminal as well, and names
/// the file that does (systemd.exec(5)).
fn is_read_by_journal() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else {
        return false;
    };
    rustix::fs::fstat(std::io::stderr()).is_ok_and(|about| *stream == *format!("{}:{}", about.st_dev, about.st_ino))
}

/// The fields of an entry of the decision log.
fn of_decision(what: &What) -> Vec<Field> {
    let kind = match serde_json::to_value(what) {
        Ok(serde_json::Value::String(kind)) => Some(kind),
        Ok(serde_json::Value::Object(kinds)) => kinds.into_iter().next().map(|(kind, _)| kind),
        _ => None,
    };
    let settings = match what {
        What::Move { from, to, .. }
        | What::Rehearsal { from, to, .. }
        | What::Moved { from, to, .. }
        | What::NotMoved { from, to, .. }
        | What::Chosen { from, to, .. }
        | What::PutBack { from, to }
        | What::TakenUp { from, to } => Some((from, to)),
        _ => None,
    };
    let mut fields: Vec<Field> = kind.map(|kind| (KIND, kind)).into_iter().collect();
    fields.extend(what.subject().map(|subject| (SUBJECT, subject.to_string())));
    if let Some((from, to)) = settings {
        fields.extend([("TAILWRIGHT_FROM", from.to_string()), ("TAILWRIGHT_TO", to.to_string())]);
    }
    fields
}

/// The fields of something that began or is over.
fn of_alarm(kind: &str, alarm: &Alarm) -> Vec<Field> {
    let mut fields = vec![(KIND, kind.to_owned()), ("TAILWRIGHT_ALARM", alarm.kind().to_owned())];
    fields.extend(about(alarm).map(|about| (SUBJECT, about)));
    fields
}

const KIND: &str = "TAILWRIGHT_KIND";
const SUBJECT: &str = "TAILWRIGHT_SUBJECT";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::failover::{ExitNodeUse, Setting, Subject};

    #[test]
    fn a_record_says_what_it_is_about() {
        let node = |name: &str| Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()));
        let moved = What::Moved {
            token: 7,
            from: node("gate"),
            to: node("spare"),
        };
        let fields: Vec<String> = of_decision(&moved)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            fields,
            [
                "TAILWRIGHT_KIND=moved",
                "TAILWRIGHT_SUBJECT=exit node",
                "TAILWRIGHT_FROM=exit node gate",
                "TAILWRIGHT_TO=exit node spare",
            ]
        );
        assert_eq!(of_decision(&What::Resumed), [(KIND, "resumed".to_owned())]);
        let alarm = Alarm::Failing(Subject::ExitNode);
        assert_eq!(
            of_alarm("over", &alarm),
            [
                (KIND, "over".to_owned()),
                ("TAILWRIGHT_ALARM", "failing".to_owned()),
                (SUBJECT, "exit node".to_owned()),
            ]
        );
    }
}
