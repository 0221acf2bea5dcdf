//! What the fake does otherwise than usual.

use std::fmt;

use serde_json::Value;

use super::super::answer::{Answer, Reply};
use super::super::request::Request;
use super::super::scenario::{Time, quote};

/// Something that it does otherwise than usual.
#[derive(Debug, Clone, PartialEq)]
pub struct Exception {
    /// How often; then it is as usual again. `None`: always.
    pub times: Option<u64>,
    pub method: Option<String>,
    /// The beginning of the endpoint with its query, decoded: `ping?ip=100.64.0.3`. `*` for each.
    pub endpoint: String,
    pub otherwise: Otherwise,
}

/// What it does.
#[derive(Debug, Clone, PartialEq)]
pub enum Otherwise {
    /// Nothing: what is asked is not done, and there is no reply.
    Silent,
    /// What is usual at once, and says so later.
    Late(Time),
    /// What is usual; after so many bytes of the reply it ends.
    Cut(usize),
    /// What is usual; after so many bytes of the reply there is nothing more, and no end.
    Stuck(usize),
    /// It sends these bytes, whatever they are, and closes.
    Bytes(Vec<u8>),
    /// It complains.
    Says { status: u16, shape: Shape, said: String },
    /// It replies this.
    Json { status: u16, body: Value },
}

/// How a complaint looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    Plain,
    /// In an object, by this key.
    Keyed(&'static str),
}

impl Shape {
    pub const ALL: [(&'static str, Self); 4] = [
        ("plain", Self::Plain),
        ("error", Self::Keyed("error")),
        ("Error", Self::Keyed("Error")),
        ("Err", Self::Keyed("Err")),
    ];
}

impl Exception {
    /// It does not know that endpoint, as an older one, or one that was built without it.
    pub fn lacks(endpoint: &str) -> Self {
        Self {
            times: None,
            method: None,
            endpoint: endpoint.to_owned(),
            otherwise: Otherwise::Says {
                status: 404,
                shape: Shape::Plain,
                said: "404 page not found".to_owned(),
            },
        }
    }

    /// Whether it is about this request.
    pub fn fits(&self, request: &Request, endpoint: &str) -> bool {
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.times != Some(0)
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && (self.endpoint == "*" || format!("{endpoint}?{}", query.join("&")).starts_with(&self.endpoint))
    }
}

impl Otherwise {
    /// What it does about a request whose usual answer is that.
    pub fn answer(self, usual: impl FnOnce() -> Answer) -> Answer {
        match self {
            Self::Silent => Answer::Silence,
            Self::Late(time) => Answer::After(time.into(), Box::new(usual())),
            Self::Cut(length) => Answer::part(usual(), length, true),
            Self::Stuck(length) => Answer::part(usual(), length, false),
            Self::Bytes(bytes) => Answer::Bytes(bytes),
            Self::Says { status, shape, said } => match shape {
                Shape::Plain => Reply::plain(status, &said).into(),
                Shape::Keyed(key) => Reply::error(status, key, &said).into(),
            },
            Self::Json { status, body } => Answer::Reply(Reply {
                status,
                ..Reply::json(&body)
            }),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(times) = self.times {
            write!(f, "{times} times ")?;
        }
        if let Some(method) = &self.method {
            write!(f, "{method} ")?;
        }
        write!(f, "{} {}", self.endpoint, self.otherwise)
    }
}

impl fmt::Display for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => write!(f, "silent"),
            Self::Late(time) => write!(f, "late {time}"),
            Self::Cut(length) => write!(f, "cut {length}"),
            Self::Stuck(length) => write!(f, "stuck {length}"),
            Self::Bytes(bytes) => write!(f, "bytes {}", quote(bytes)),
            Self::Says { status, shape, said } => {
                let shape = match shape {
                    Shape::Plain => "plain",
                    Shape::Keyed(key) => key,
                };
                write!(f, "{status} {shape} {}", Value::from(said.as_str()))
            }
            Self::Json { status, body } => write!(f, "{status} json {body}"),
        }
    }
}
