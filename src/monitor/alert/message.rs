//! What people are told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::about;
use crate::model::Severity;
use crate::monitor::Moment;
use crate::monitor::failover::Alarm;
use crate::net::{HostName, TimeSpan, WallTime};

/// What has happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// It began, and goes on.
    Began,
    /// It goes on; the receiver was told so a while ago.
    Continues,
    /// It is over; the receiver was told that it began.
    Over,
    /// It began and is over; the receiver was told neither.
    Passed,
}

impl Event {
    /// `began`, `continues`, `over`, `passed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Continues => "continues",
            Self::Over => "over",
            Self::Passed => "passed",
        }
    }

    /// Whether it goes on.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Began | Self::Continues)
    }
}

/// What one receiver is told once. What others chose (names of peers) is in it without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same where a delivery is repeated, because nobody knows whether it arrived; otherwise unique.
    pub id: String,
    /// The host.
    pub host: HostName,
    /// What has happened.
    pub event: Event,
    /// To what.
    pub alarm: Alarm,
    /// How much it matters.
    pub severity: Severity,
    /// When it happened: when it began, or was over.
    pub at: Moment,
    /// When it began.
    pub since: Moment,
    /// How often it was over and came back since then.
    pub again: u32,
    /// What is known besides; empty where nothing is.
    pub detail: String,
    /// So many other messages wait for this receiver's rate.
    pub waiting: u32,
    /// So many were left out since the last one: there were too many, or they were refused.
    pub left_out: u32,
}

impl Message {
    /// Most characters of what others said.
    pub(super) const MOST: usize = 300;

    /// One sentence, without the host and the time.
    pub fn sentence(&self) -> String {
        let what = harmless(&self.alarm.to_string());
        let lasted = Lasted(self.since, self.at);
        let again = match self.again {
            0 => String::new(),
            1 => ", and came back once in between".to_owned(),
            times => format!(", and came back {times} times in between"),
        };
        match self.event {
            Event::Began if self.again > 0 => format!("{what} (on and off for {lasted})"),
            Event::Began => what,
            Event::Continues => format!("still, after {lasted}: {what}{again}"),
            Event::Over => format!("over after {lasted}: {what}{again}"),
            Event::Passed => format!("came and went within {lasted}: {what}{again}"),
        }
    }

    /// What stands in the line of a subject or title: `[critical] kernelcore: the internet is not reached`.
    pub fn title(&self) -> String {
        let mark = if self.event.is_active() {
            self.severity.as_str()
        } else {
            "over"
        };
        format!("[{mark}] {}: {}", self.host, self.sentence())
    }

    /// What to type next on the host.
    pub fn command(&self) -> &'static str {
        about::command(&self.alarm)
    }

    /// What else there is to say about other messages; `None`: nothing.
    pub fn others(&self) -> Option<String> {
        let waiting = match self.waiting {
            0 => None,
            1 => Some("1 more message waits".to_owned()),
            more => Some(format!("{more} more messages wait")),
        };
        let left_out = match self.left_out {
            0 => None,
            1 => Some("1 was left out".to_owned()),
            more => Some(format!("{more} were left out")),
        };
        let parts: Vec<String> = waiting.into_iter().chain(left_out).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The time at which it happened.
    pub fn at(&self) -> WallTime {
        wall(self.at)
    }

    /// The time at which it began.
    pub fn since(&self) -> WallTime {
        wall(self.since)
    }

    /// The message for programs.
    pub(super) fn as_data(&self) -> Data<'_> {
        Data {
            version: 1,
            id: &self.id,
            host: &self.host,
            event: self.event,
            alarm: about::word(&self.alarm),
            about: about::about(&self.alarm).map(|name| harmless(&name)),
            severity: self.severity,
            at: self.at().to_string(),
            since: self.since().to_string(),
            again: self.again,
            text: self.sentence(),
            detail: &self.detail,
            command: self.command(),
            waiting: self.waiting,
            left_out: self.left_out,
        }
    }
}

/// The body of a mail: the sentence, then what is known, a line each.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.host, self.sentence())?;
        writeln!(f)?;
        if !self.detail.is_empty() {
            writeln!(f, "known      {}", self.detail)?;
        }
        writeln!(f, "severity   {}", self.severity.as_str())?;
        writeln!(f, "since      {}", self.since())?;
        if !self.event.is_active() {
            writeln!(f, "over       {}", self.at())?;
        }
        writeln!(f, "type next  {}", self.command())?;
        match self.others() {
            Some(others) => writeln!(f, "others     {others}"),
            None => Ok(()),
        }
    }
}

/// The message as JSON. Fields are added and never change their meaning.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data<'a> {
    version: u32,
    id: &'a str,
    host: &'a HostName,
    event: Event,
    alarm: &'static str,
    about: Option<String>,
    severity: Severity,
    at: String,
    since: String,
    again: u32,
    text: String,
    detail: &'a str,
    command: &'static str,
    waiting: u32,
    left_out: u32,
}

/// How long something took, to the second; to the minute where it took more than an hour.
struct Lasted(Moment, Moment);

impl fmt::Display for Lasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.1.since(self.0).as_secs();
        let rounded = if seconds >= 3_600 {
            seconds - seconds % 60
        } else {
            seconds
        };
        match TimeSpan::from_secs(rounded) {
            Ok(span) => span.fmt(f),
            Err(_) if rounded == 0 => f.write_str("less than a second"),
            Err(_) => f.write_str("more than a year"),
        }
    }
}

fn wall(moment: Moment) -> WallTime {
    WallTime::from_unix(moment.as_millis() / 1_000)
}

/// A text that others may have chosen: one line of at most [`Message::MOST`] characters, in which nothing acts on a
/// terminal or turns the direction of writing.
pub(super) fn harmless(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut short: String = text
        .chars()
        .take(Message::MOST)
        .map(|c| if is_harmful(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(Message::MOST).is_some() {
        short.pop();
        short.push('…');
    }
    short
}
