//! What the monitor said, as data.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::host::show::{Reason, Screen, State, Tone, View, printable, worst, wrap};
use crate::host::status::Status;
use crate::host::tailnet::when::written;
use crate::host::why::Zone;
use crate::monitor::Moment;

/// What `tsctl monitor-logs --json` prints. Times are in UTC (RFC 3339).
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl monitor-logs")]
pub(super) struct Said {
    /// When it was asked.
    pub(super) taken: String,
    /// How far it could be read: `good` or `cannotTell`.
    pub(super) state: State,
    /// Why nothing is shown, or not all, and what to type about it.
    pub(super) reasons: Vec<Reason>,
    /// Where the lines are from.
    pub(super) source: Source,
    /// What was said, the oldest first.
    pub(super) lines: Vec<Line>,
    #[serde(skip)]
    pub(super) zone: Zone,
}

/// Where lines are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Source {
    /// The journal of the unit.
    Journal,
    /// The decision log of the monitor.
    Decisions,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    /// When it was said.
    pub(super) at: String,
    /// How urgent it is, from 0 (emergency) to 7 (debugging), as syslog(3) counts; decisions have none.
    pub(super) priority: Option<u8>,
    /// What was said.
    pub(super) text: String,
    #[serde(skip)]
    pub(super) moment: Moment,
}

impl Line {
    /// A line of `journalctl --output=json`; nothing where it is none.
    pub(super) fn of_journal(line: &str) -> Option<Self> {
        /// What is read of an entry (systemd.journal-fields(7)). A message that is no text is a list of bytes.
        #[derive(Deserialize)]
        struct Entry {
            #[serde(rename = "__REALTIME_TIMESTAMP")]
            micros: String,
            #[serde(rename = "PRIORITY")]
            priority: Option<String>,
            #[serde(rename = "MESSAGE")]
            message: Option<Message>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Message {
            Text(String),
            Bytes(Vec<u8>),
        }
        let entry: Entry = serde_json::from_str(line).ok()?;
        let moment = Moment::from_millis(entry.micros.parse::<u64>().ok()? / 1_000);
        Some(Self {
            at: written(moment.as_millis() / 1_000),
            priority: entry.priority.and_then(|number| number.parse().ok()),
            text: match entry.message? {
                Message::Text(text) => text,
                Message::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            },
            moment,
        })
    }
}

impl Said {
    /// How it is, out of the reasons.
    pub(super) fn judged(mut self) -> Self {
        self.state = worst(&self.reasons);
        self
    }
}

impl View for Said {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        for line in &self.lines {
            let time = self.zone.local(line.moment);
            // What stands on its own lines is told from what begins one.
            let texts = wrap(&printable(&line.text), screen.width().saturating_sub(time.len() + 1));
            for (index, text) in texts.iter().enumerate() {
                let time = if index == 0 {
                    time.clone()
                } else {
                    " ".repeat(time.len())
                };
                let text = match line.priority {
                    Some(0..=3) => screen.paint(Tone::Bad, text),
                    Some(4) => screen.paint(Tone::Warning, text),
                    _ => text.clone(),
                };
                writeln!(out, "{} {text}", screen.paint(Tone::Faint, &time))?;
            }
        }
        Ok(())
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}
