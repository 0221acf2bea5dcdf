//! What happens to one packet, and why: the way that it takes through the chains of a ruleset.
//!
//! The ruleset is the same value that is printed for nft, and every question is answered as the kernel answers it:
//!
//! - A condition on a field that the packet does not have (an IPv6 address of an IPv4 packet, the port of a fragment)
//!   is not met, and neither is its opposite: the kernel leaves the rule. The name of an interface that is not there is
//!   empty.
//! - A jump comes back, a goto comes back to where the last jump came from, and an accept ends the hook, not the way.
//!
//! What a packet alone does not tell is either said beforehand (its connection's [state](Packet::state), the
//! [`Circumstances`]) or assumed, and then it stands in [`Trace::assumed`]. Nothing here looks at a clock or counts.
//!
//! The answer is that of this table. Other tables on the same hooks decide for themselves: one that drops has the last
//! word.

mod aim;
mod ask;
mod assumption;
mod circumstances;
mod compare;
mod fault;
mod outcome;
mod packet;
mod step;
mod walk;

pub use aim::{Aim, Direction, End, Inference, Unsaid};
pub use assumption::Assumption;
pub use circumstances::{Circumstances, Limits, WayBack};
pub use fault::Fault;
pub use outcome::{Answer, Outcome};
pub use packet::{Ends, Packet, Payload, Way};
pub use step::{Found, Step};

use super::ruleset::{Evidence, Meter, Ruleset};

/// The way of a packet through a ruleset.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace<'r> {
    /// Every chain that the kernel enters on the way, and every rule whose conditions the packet meets, in their order.
    pub steps: Vec<Step<'r>>,
    /// How it ends.
    pub outcome: Outcome,
    /// The positions in [`steps`](Self::steps) of the rules that led to the one that decided, and of that one, which is
    /// the last. Rules that came back without a decision are not among them.
    pub decision: Vec<usize>,
    /// The limits per source that counted the packet, in their order.
    pub metered: Vec<&'r Meter>,
    /// What was taken for granted, each once.
    pub assumed: Vec<Assumption<'r>>,
}

impl Ruleset {
    /// What happens to `packet`.
    ///
    /// # Errors
    /// Where the ruleset is one that the kernel refuses to load: it leads to chains, maps or sets that are not there,
    /// leads in a circle, or compares what cannot be compared. No compiled ruleset does.
    pub fn trace(&self, packet: &Packet, circumstances: &Circumstances) -> Result<Trace<'_>, Fault> {
        walk::walk(&self.table, packet, circumstances)
    }
}

impl<'r> Trace<'r> {
    /// What is answerable for the outcome: the evidence of the rule or element that decided, or of the nearest one before
    /// it that has any. `None` where no rule decided.
    pub fn responsible(&self) -> Option<&'r Evidence> {
        self.reasons().next_back()
    }

    /// The evidence of all that led to the decision, in the order of the way, where there is any.
    pub fn reasons(&self) -> impl DoubleEndedIterator<Item = &'r Evidence> {
        let steps = self.decision.iter().filter_map(|position| self.steps.get(*position));
        steps.flat_map(Step::evidence).filter(|evidence| !evidence.is_empty())
    }
}

#[cfg(test)]
mod tests;
