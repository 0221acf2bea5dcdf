//! What a webhook is sent.

use serde_json::json;

use super::message::{Event, Message};
use crate::model::{Severity, WebhookFormat};

/// The request of a webhook: a POST with these headers and this body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// What the body is (`Content-Type`).
    pub content_type: &'static str,
    /// Further headers. Their values are printable ASCII.
    pub headers: Vec<(&'static str, String)>,
    /// The body, in UTF-8.
    pub body: String,
}

impl Posting {
    /// The request that tells the message in this format.
    pub fn of(message: &Message, format: WebhookFormat) -> Self {
        match format {
            WebhookFormat::Json => Self::json(message),
            WebhookFormat::Ntfy => Self::ntfy(message),
            WebhookFormat::Slack => Self::slack(message),
        }
    }

    /// docs/schema/alert.json.
    fn json(message: &Message) -> Self {
        Self {
            content_type: "application/json",
            headers: Vec::new(),
            // Its fields are strings and numbers: nothing in it cannot be written.
            body: serde_json::to_string(&message.as_data()).unwrap_or_default(),
        }
    }

    /// <https://docs.ntfy.sh/publish/>: the body is the text; title, priority (1-5) and tags are headers.
    fn ntfy(message: &Message) -> Self {
        let (priority, tag) = match (message.event, message.severity) {
            (Event::Over | Event::Passed, _) => ("3", "white_check_mark"),
            (_, Severity::Critical) => ("5", "rotating_light"),
            (_, Severity::Warning) => ("4", "warning"),
            (_, Severity::Info) => ("2", "information_source"),
        };
        let mark = if message.event.is_active() {
            message.severity.as_str()
        } else {
            "over"
        };
        Self {
            content_type: "text/plain; charset=utf-8",
            // The title holds the host's name and our words: names that others chose may be no ASCII.
            headers: vec![
                ("title", format!("{}: {mark}", message.host)),
                ("priority", priority.to_owned()),
                ("tags", tag.to_owned()),
            ],
            body: text(message, &message.sentence()),
        }
    }

    /// Slack's incoming webhooks, and what imitates them. In their markup `&`, `<` and `>` have a meaning.
    fn slack(message: &Message) -> Self {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Self {
            content_type: "application/json",
            headers: Vec::new(),
            body: json!({ "text": escaped(&text(message, &message.title())) }).to_string(),
        }
    }
}

/// The first line, and below it what is known.
fn text(message: &Message, first: &str) -> String {
    let mut lines = vec![first.to_owned()];
    if !message.detail.is_empty() {
        lines.push(message.detail.clone());
    }
    lines.push(format!("since {}; type: {}", message.since(), message.command()));
    lines.extend(message.others());
    lines.join("\n")
}
