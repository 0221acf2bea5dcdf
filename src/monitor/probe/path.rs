//! By which way packets reach a peer.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// By which way packets reach a peer, as an answer to a disco ping says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathClass {
    /// Straight (`Endpoint`).
    Direct,
    /// By a peer that relays (`PeerRelay`).
    PeerRelay,
    /// By a relay of this region (`DERPRegionCode`).
    Derp(String),
}

impl PathClass {
    /// The kinds of paths.
    pub const KINDS: [&str; 3] = ["direct", "peer-relay", "derp"];

    /// Which kind of path it is, in one word for programs, without the region.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::PeerRelay => "peer-relay",
            Self::Derp(_) => "derp",
        }
    }
}

impl fmt::Display for PathClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::PeerRelay => f.write_str("peer relay"),
            Self::Derp(region) => write!(f, "relay {region}"),
        }
    }
}

/// The path to one peer over time.
///
/// The first pings go by a relay while both sides look for a straight way, and again after either has moved: a path is
/// called relayed only when so many pings in a row have come by a relay. A straight one is believed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathWatch {
    warm_up: NonZeroU32,
    relayed: u32,
    last: Option<PathClass>,
}

impl PathWatch {
    /// A peer of which nothing is known; so many relayed pings in a row make its path a relayed one.
    pub fn new(warm_up: NonZeroU32) -> Self {
        Self {
            warm_up,
            relayed: 0,
            last: None,
        }
    }

    /// One answer to a disco ping.
    pub fn answered(&mut self, path: PathClass) {
        self.relayed = if path == PathClass::Direct {
            0
        } else {
            self.relayed.saturating_add(1)
        };
        self.last = Some(path);
    }

    /// The path; `None` while that cannot be told.
    pub fn class(&self) -> Option<&PathClass> {
        self.last
            .as_ref()
            .filter(|path| **path == PathClass::Direct || self.relayed >= self.warm_up.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relayed_only_after_the_warm_up() {
        let mut watch = PathWatch::new(NonZeroU32::new(3).unwrap());
        let derp = || PathClass::Derp("fra".to_owned());
        let mut seen = vec![watch.class().cloned()];
        for path in [
            derp(),
            derp(),
            derp(),
            PathClass::Direct,
            derp(),
            PathClass::PeerRelay,
            derp(),
        ] {
            watch.answered(path);
            seen.push(watch.class().cloned());
        }
        assert_eq!(
            seen,
            [
                None,
                None,
                None,
                Some(derp()),
                Some(PathClass::Direct),
                None,
                None,
                Some(derp())
            ]
        );
    }
}
