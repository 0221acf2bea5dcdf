//! An nftables ruleset as data: what the compiler makes, the printer writes and an evaluator can walk.
//!
//! Only what the zone firewall needs is here, each thing with the meaning that nft(8) gives it. Everything that comes
//! from a profile keeps its [`Evidence`]: the fields that are answerable for it.

mod address_range;
mod chain;
mod evidence;
mod flowtable;
mod map;
mod matching;
mod name;
mod rule;
mod selector;
mod set;
mod table;
mod value;
mod verdict;

pub use address_range::AddressRange;
pub use chain::{Base, Chain, ChainPolicy, Hook, Priority};
pub use evidence::{Comment, Evidence};
pub use flowtable::Flowtable;
pub use map::{MapElement, VerdictMap};
pub use matching::{Limit, Match, Meter, ReversePath};
pub use name::Name;
pub use rule::{Action, Log, Lookup, LookupMap, RejectWith, Rule, Tally};
pub use selector::Selector;
pub use set::{MeterKey, Set, SetContent, SetElement};
pub use table::{Ruleset, Table};
pub use value::{ConntrackState, Family, PacketType, Protocol, Value};
pub use verdict::Verdict;
