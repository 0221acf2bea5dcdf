//! What the monitor says, one line each, on standard error.

use std::io::Write;

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

/// What the monitor says, one line each; where the journal reads it, with the priority before it (`<4>`, sd-daemon(3)).
pub(super) struct Log<'a> {
    out: &'a mut dyn Write,
    has_priorities: bool,
}

impl<'a> Log<'a> {
    /// On that stream.
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            has_priorities: std::env::var_os("JOURNAL_STREAM").is_some(),
        }
    }

    /// Says it.
    pub(super) fn say(&mut self, priority: Priority, text: &str) {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // That nobody reads it is no reason not to monitor.
        let _ = if self.has_priorities {
            writeln!(self.out, "<{}>{line}", priority as u8)
        } else {
            writeln!(self.out, "{line}")
        };
    }
}
