//! What people are told.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::about;
use crate::model::Severity;
use crate::monitor::Moment;
use crate::monitor::failover::Alarm;
use crate::net::{self, HostName, TimeSpan, WallTime};

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

    /// What it is about, where there is more than one thing that it can be about: the name of a peer, a prefix, a subject. What
    /// others chose is harmless in it.
    pub fn about(&self) -> Option<String> {
        about::about(&self.alarm).map(|name| harmless(&name))
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
            host: self.host.as_str(),
            event: self.event.as_str(),
            alarm: self.alarm.kind(),
            about: self.about(),
            severity: self.severity.as_str(),
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

/// A message of `tsctl monitor`, as a webhook and a program get it. Fields may be added; none changes its meaning within a version.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "A message of tsctl monitor")]
pub(super) struct Data<'a> {
    /// 1.
    version: u32,
    /// The same where a message is sent again because nobody knows whether it arrived; otherwise unique.
    id: &'a str,
    /// The host.
    host: &'a str,
    /// What has happened: `began`, `continues` (a reminder), `over`, `passed` (it began and was over before it could be told).
    event: &'static str,
    /// To what: `link`, `gateway`, `internet`, `dns`, `tailscaled`, `control`, `derp`, `peer`, `exit-node`, `subnet-router`, `service`,
    /// `key-expires`, `failing`, `stuck`, `away`, `changed-by-hand`, `refused`, `state-unwritable`.
    alarm: &'static str,
    /// Which one, where there may be several: the name of a peer, a prefix, what the monitor may change.
    about: Option<String>,
    /// How much it matters: `info`, `warning`, `critical`.
    severity: &'static str,
    /// When it happened, in UTC (RFC 3339).
    at: String,
    /// When it began, in UTC (RFC 3339).
    since: String,
    /// How often it was over and came back since then.
    again: u32,
    /// It as a sentence.
    text: String,
    /// What is known besides; empty where nothing is.
    detail: &'a str,
    /// What to type next on the host.
    command: &'static str,
    /// So many other messages wait for the receiver's rate.
    waiting: u32,
    /// So many were left out since the last message: there were too many, or they were refused.
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
    let mut short = net::harmless::harmless(&text.chars().take(Message::MOST).collect::<String>());
    if text.chars().nth(Message::MOST).is_some() {
        short.pop();
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use snapbox::IntoData;

    use super::*;

    #[test]
    fn the_schema_that_is_published_is_that_of_the_message() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Data<'_>)).unwrap();
        let published = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/alert.json");
        let published = snapbox::Data::read_from(&published, None);
        let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
        assert.eq(format!("{schema}\n").into_data().raw(), published.raw());
    }

    /// A message of each kind, as docs/alerts.md shows it.
    #[test]
    fn the_page_shows_what_is_sent() {
        let message = Message {
            id: "1a1f8743dd0-7".to_owned(),
            host: "kernelcore".parse().unwrap(),
            event: Event::Began,
            alarm: Alarm::Stuck(crate::monitor::failover::Subject::ExitNode),
            severity: Severity::Critical,
            at: Moment::from_millis(1_795_140_725_000),
            since: Moment::from_millis(1_795_140_725_000),
            again: 0,
            detail: "exit node gate is down: no answer within 5000 ms".to_owned(),
            waiting: 1,
            left_out: 0,
        };
        let posted = |format| super::super::Posting::of(&message, format);
        let json = serde_json::to_string_pretty(&message.as_data()).unwrap();
        let ntfy = posted(crate::model::WebhookFormat::Ntfy);
        let headers: Vec<String> = ntfy
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let ntfy = format!("{}\n\n{}", headers.join("\n"), ntfy.body);
        let slack = posted(crate::model::WebhookFormat::Slack).body;
        let mail = format!("Subject: {}\n\n{message}", message.title());
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/alerts.md");
        let page = std::fs::read_to_string(page).unwrap();
        for text in [&json, &ntfy, &slack, &mail] {
            let text = text.trim_end();
            assert!(page.contains(&format!("\n{text}\n```")), "{text}");
        }
    }

    #[test]
    fn how_long_it_lasted_is_rounded() {
        let lasted = |millis| Lasted(Moment::default(), Moment::from_millis(millis)).to_string();
        for (millis, text) in [
            (0, "less than a second"),
            (59_999, "59s"),
            (125_000, "2m5s"),
            (3_659_000, "1h"),
            (400 * 86_400_000, "more than a year"),
        ] {
            assert_eq!(lasted(millis), text);
        }
    }
}
