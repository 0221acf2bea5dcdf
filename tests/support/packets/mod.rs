//! Real packets through a real kernel: what happens to each of them under a ruleset.
//!
//! A [`Lab`] is a host in a network namespace of its own, with the interfaces of [`topology`]. Each of them is a TUN device:
//! what is written into its descriptor comes in by the interface, what leaves by the interface is read from it. There is
//! no link layer, no neighbour to look up and no queue, so a packet's fate is decided when the writing returns.
//!
//! - [`Packet`] says what is sent; [`wire`] makes bytes of it. Every packet carries a number where no rule looks (the
//!   identification of IPv4, the flow label of IPv6), by which its fate is recognised.
//! - [`probe`] is a table of the laboratory's own with chains before and behind those under test. They write down the
//!   numbers of the packets that pass, and the last of them drops what passes: the host answers nothing by itself and
//!   remembers no connection.
//! - RSTs and ICMP errors are read from the descriptors and told apart by the packet that they answer.
//!
//! - [`hosts`] makes random hosts with zones, [`Packets`] random packets near the boundaries of such zones, and [`linear`] says
//!   the same as the compiler of zones in the plainest rules: where the two differ for one packet, one of them is wrong.
//!
//! An evaluator that is to say the same as the kernel needs what the kernel knew: the state of connection tracking, the way
//! out and the ways back to the source are in the [`Observation`]. A rejection is seen only where the sender is told
//! ([`Packet::is_surely_answered`]); elsewhere it looks like a drop.
//! - [`Evaluated`] asks the evaluator about the packets that were observed, with what the kernel knew of each.
//!
//! Nothing outlives the test: see [`netns`](super::netns).

#![allow(unused_imports, reason = "not every binary that has this needs all of it")]

mod aim;
mod answer;
mod checksum;
pub mod evaluated;
mod fate;
mod generate;
pub mod hosts;
mod lab;
mod linear;
mod packet;
mod probe;
pub mod random;
pub mod topology;
mod wire;

pub use super::door::serve_if_asked;
pub use evaluated::{Evaluated, Judgement};
pub use fate::{Fate, Hook, Observation, RejectKind, State};
pub use generate::Packets;
pub use lab::Lab;
pub use linear::linear;
pub use packet::{Fragments, History, Packet, PacketKind, TcpFlags};
pub use random::Random;
