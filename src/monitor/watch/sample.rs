//! What came of a probe.

use super::Links;
use crate::monitor::Fault;
use crate::monitor::probe::PathClass;

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sample {
    /// What was read of the host's interfaces, routes and resolvers.
    Links(Links),
    /// It was answered.
    Answered {
        /// Round trips in microseconds, in the order in which they were asked; `None` where no answer came. At least one is
        /// there. Of [`Question::Reach`](super::Question::Reach): of each that was asked, up to the one that has answered.
        round_trips: Vec<Option<u64>>,
        /// By which way, where the answer says so.
        path: Option<PathClass>,
    },
    /// It was not answered, or the answer says that it does not work.
    Failed(Fault),
    /// It could not be asked here, and why: the host does not allow it, or does not know what is needed for it. It counts
    /// neither way.
    CannotTell(String),
}
