//! Something that happens.

use std::fmt;
use std::time::Duration;

use super::change::Change;
use super::quoted::quote;
use super::time::Time;

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is like that from now on.
    Change(Change),
    /// Every stream gets these bytes.
    Garbage(Vec<u8>),
    /// Streams end as they should.
    EndStreams,
    /// Streams break off within a line.
    CutStreams,
    /// It ends, and removes its socket.
    Stop,
    /// It is killed: its socket stays.
    Die,
    /// It is there again.
    Start,
    /// It stops, and is there again so much later, like that.
    Restart { away: Time, with: Option<Change> },
}

impl Action {
    /// What is done one after the other, and how long after the beginning of it.
    pub fn steps(&self) -> Vec<(Duration, Self)> {
        let Self::Restart { away, with } = self else {
            return vec![(Duration::ZERO, self.clone())];
        };
        let mut steps = vec![(Duration::ZERO, Self::Stop)];
        // While it is away: nobody hears of it.
        steps.extend(with.clone().map(|change| (Duration::ZERO, Self::Change(change))));
        steps.push(((*away).into(), Self::Start));
        steps
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(change) => write!(f, "{change}"),
            Self::Garbage(bytes) => write!(f, "garbage {}", quote(bytes)),
            Self::EndStreams => write!(f, "bus end"),
            Self::CutStreams => write!(f, "bus cut"),
            Self::Stop => write!(f, "stop"),
            Self::Die => write!(f, "die"),
            Self::Start => write!(f, "start"),
            Self::Restart { away, with: None } => write!(f, "restart {away}"),
            Self::Restart {
                away,
                with: Some(change),
            } => write!(f, "restart {away} with {change}"),
        }
    }
}
