//! What checks say of a way through the network.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::net::Prefix;

/// What one check says of one way through the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It carries traffic as it should.
    Good,
    /// It carries traffic, and badly.
    Degraded(Fault),
    /// It carries nothing.
    Down(Fault),
    /// The check cannot tell: it is warming up, or something below it is broken. It counts neither way.
    Unknown,
}

/// What was wrong in a check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No answer came in time.
    NoAnswer {
        /// How long was waited, in milliseconds.
        waited: u64,
    },
    /// Too many answers were missing.
    Loss {
        /// Lost, in percent.
        percent: u8,
        /// How many percent may be.
        limit: u8,
    },
    /// Answers took too long.
    Latency {
        /// The median, in milliseconds.
        millis: u64,
        /// How long it may be.
        limit: u64,
    },
    /// An answer came and says that it does not work: a status, an error code, a refused connection.
    Answered(String),
    /// There is no such node in the tailnet.
    NoSuchNode,
    /// Several nodes have that name.
    Ambiguous,
    /// This prefix, and perhaps others, would be cut off: only the tailnet leads there.
    CutsOff(Prefix),
    /// The node does not offer, or is not allowed, to forward.
    NotOffered,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { waited } => write!(f, "no answer within {waited} ms"),
            Self::Loss { percent, limit } => write!(f, "{percent} % lost, {limit} % may be"),
            Self::Latency { millis, limit } => write!(f, "{millis} ms, {limit} ms may be"),
            Self::Answered(said) => f.write_str(said),
            Self::NoSuchNode => {
                f.write_str("there is no such node in this tailnet. Look at the names: tailscale exit-node list")
            }
            Self::Ambiguous => f.write_str(
                "several nodes are called so: write the whole name into the settings. Look at the names: tailscale status",
            ),
            Self::CutsOff(prefix) => write!(f, "it would cut off {prefix}, where only the tailnet leads"),
            Self::NotOffered => f.write_str(
                "it is no exit node: it does not offer to be one (there: tailscale set --advertise-exit-node), or nobody has \
                 approved it (in the admin console)",
            ),
        }
    }
}

/// How a way is, after many checks. Better levels are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// It carries traffic as it should.
    Good,
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// It carries traffic, and badly.
    Degraded,
    /// It carries nothing.
    Down,
}

impl Level {
    /// Whether something is wrong.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Degraded | Self::Down)
    }

    /// `good`, `unknown`, `degraded`, `down`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}
