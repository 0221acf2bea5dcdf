//! What the fake is like from now on.

use std::fmt;

use serde_json::Value;

use super::super::world::{Exception, Version};
use super::time::Time;

/// What everything else is said of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Base {
    Running,
    NeedsLogin,
    Old,
}

/// What the fake is like from now on.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Base(Base),
    Version(Version),
    Operator(Option<u32>),
    ReadOnly(bool),
    Mode(u32),
    Owner {
        user: u32,
        group: u32,
    },
    Peers(u32),
    Latency(Time),
    Answers {
        name: String,
        answers: bool,
    },
    Online {
        name: String,
        online: bool,
    },
    Leaves(String),
    Joins(String),
    OffersExit {
        name: String,
        offers: bool,
    },
    Routes {
        name: String,
        prefixes: Vec<String>,
    },
    Control(bool),
    Warn {
        code: String,
        text: Option<String>,
    },
    Mend(Option<String>),
    State(String),
    /// The control plane sends the whole map once more.
    Map,
    Expired,
    LoggedIn(bool),
    ExitNode(Option<String>),
    Set {
        name: String,
        value: Value,
    },
    Tell(Value),
    Mute(bool),
    Answer(Exception),
    Lacks(String),
    Usual(Option<String>),
}

impl Base {
    pub const ALL: [(&'static str, Self); 3] = [
        ("running", Self::Running),
        ("needs-login", Self::NeedsLogin),
        ("old", Self::Old),
    ];
}

/// The word for whether it is so.
fn either(is_so: bool, so: &'static str, not_so: &'static str) -> &'static str {
    if is_so { so } else { not_so }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(base) => {
                let named = Base::ALL.iter().find(|(_, one)| one == base);
                write!(f, "base {}", named.map_or("", |(name, _)| name))
            }
            Self::Version(version) => write!(f, "version {} {}", version.text, version.capability),
            Self::Operator(Some(user)) => write!(f, "operator {user}"),
            Self::Operator(None) => write!(f, "operator nobody"),
            Self::ReadOnly(is_so) => write!(f, "rights {}", either(*is_so, "read-only", "usual")),
            Self::Mode(mode) => write!(f, "mode {mode:04o}"),
            Self::Owner { user, group } => write!(f, "owner {user} {group}"),
            Self::Peers(count) => write!(f, "peers {count}"),
            Self::Latency(latency) => write!(f, "latency {latency}"),
            Self::Answers { name, answers } => write!(f, "{} {name}", either(*answers, "alive", "dead")),
            Self::Online { name, online } => write!(f, "{} {name}", either(*online, "online", "offline")),
            Self::Leaves(name) => write!(f, "leaves {name}"),
            Self::Joins(name) => write!(f, "joins {name}"),
            Self::OffersExit { name, offers } => {
                write!(f, "{} {name}", either(*offers, "offers-exit", "offers-nothing"))
            }
            Self::Routes { name, prefixes } => write!(f, "routes {name} {}", Value::from(prefixes.as_slice())),
            Self::Control(is_there) => write!(f, "control {}", either(*is_there, "back", "lost")),
            Self::Warn { code, text: None } => write!(f, "warn {code}"),
            Self::Warn { code, text: Some(text) } => write!(f, "warn {code} {}", Value::from(text.as_str())),
            Self::Mend(None) => write!(f, "mend"),
            Self::Mend(Some(code)) => write!(f, "mend {code}"),
            Self::State(state) => write!(f, "state {state}"),
            Self::Map => write!(f, "map"),
            Self::Expired => write!(f, "key-expires"),
            Self::LoggedIn(is_in) => write!(f, "{}", either(*is_in, "login", "logout")),
            Self::ExitNode(name) => write!(f, "exit-node {}", name.as_deref().unwrap_or("none")),
            Self::Set { name, value } => write!(f, "set {name} {value}"),
            Self::Tell(line) => write!(f, "tell {line}"),
            Self::Mute(is_mute) => write!(f, "bus {}", either(*is_mute, "mute", "heard")),
            Self::Answer(exception) => write!(f, "answer {exception}"),
            Self::Lacks(endpoint) => write!(f, "lacks {endpoint}"),
            Self::Usual(None) => write!(f, "usual"),
            Self::Usual(Some(endpoint)) => write!(f, "usual {endpoint}"),
        }
    }
}
