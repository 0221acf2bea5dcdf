//! What the fake does about a request.

use std::time::Duration;

use serde_json::Value;

/// What the fake does about a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It replies.
    Reply(Reply),
    /// It says nothing, until the client gives up.
    Silence,
    /// It goes on telling what changes.
    Stream { mask: u64 },
    /// It sends these bytes, whatever they are, and closes.
    Bytes(Vec<u8>),
    /// It lets time pass first.
    After(Duration, Box<Answer>),
    /// It sends so many bytes of that one. Then the reply ends, or nothing more comes and it does not end.
    Part { of: Box<Answer>, length: usize, ends: bool },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub content_type: Option<&'static str>,
    pub etag: Option<String>,
    pub body: String,
    /// Without the headers that say which tailscaled it is.
    pub is_anonymous: bool,
    /// In chunks, as Go sends what is longer than its buffer.
    pub is_chunked: bool,
}

pub const JSON: &str = "application/json";
pub const PLAIN: &str = "text/plain; charset=utf-8";

impl Reply {
    pub fn json(body: &Value) -> Self {
        let body = body.to_string();
        Self {
            is_chunked: body.len() > 2_000,
            body,
            ..Self::empty(200, Some(JSON))
        }
    }

    pub fn plain(status: u16, said: &str) -> Self {
        Self {
            body: format!("{said}\n"),
            ..Self::empty(status, Some(PLAIN))
        }
    }

    pub fn empty(status: u16, content_type: Option<&'static str>) -> Self {
        Self {
            status,
            content_type,
            etag: None,
            body: String::new(),
            is_anonymous: false,
            is_chunked: false,
        }
    }

    /// `{"error": …}` or `{"Error": …}`.
    pub fn error(status: u16, key: &str, said: &str) -> Self {
        Self {
            status,
            ..Self::json(&serde_json::json!({ key: said }))
        }
    }
}

impl Answer {
    /// So many bytes of it.
    pub fn part(of: Self, length: usize, ends: bool) -> Self {
        let of = Box::new(of);
        Self::Part { of, length, ends }
    }

    /// The reply that comes in the end; nothing where none does.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::After(_, of) | Self::Part { of, .. } => of.reply(),
            Self::Silence | Self::Stream { .. } | Self::Bytes(_) => None,
        }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}
