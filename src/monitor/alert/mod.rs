//! What people are told, and when.
//!
//! The failover machine says that something began ([`Action::Raise`](super::failover::Action::Raise)) or is over
//! ([`Action::Resolve`](super::failover::Action::Resolve)); the [`Outbox`] makes [`Message`]s of it and says which of them is
//! to be sent to whom, and when. What a message looks like to a program is a [`Posting`].
//!
//! - A receiver is told that something began, then that it is over, in this order, and neither twice. What comes back before
//!   a receiver has heard that it was over is, to this receiver, still going on; the message of the end says how often.
//! - What began and ended before a receiver could be told becomes one message that says both. If it does so again and again,
//!   it stays one message, with a count.
//! - No receiver gets more messages than its rate. What waits is told as a count in the next message; the most severe goes
//!   first, then the oldest.
//! - A receiver that does not answer is tried again after growing pauses. One that refuses a message five times is spared it.
//! - At most [`Outbox::MOST`] alarms are kept for a receiver. When there are more, those that are over go first, the oldest of
//!   them, and the next message says how many were left out.
//! - The outbox is text that can be written to disk. A message of which nobody knows whether it arrived (no answer came, or
//!   the program was killed meanwhile) is sent again, with the same id. What comes back after its end was sent like that
//!   begins anew.

mod about;
mod detail;
mod message;
mod outbox;
mod pace;
mod posting;
mod queue;
#[cfg(test)]
mod tests;

pub use about::{about, command, severity};
pub use detail::detail;
pub use message::{Event, Message};
pub use outbox::{Delivery, Outbox, Tally, Unreadable};
pub use posting::Posting;
pub use queue::Outcome;
