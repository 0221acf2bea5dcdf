//! Rules.

use super::{Evidence, MapElement, Match, MeterKey, Name, Selector, Verdict};
use crate::net::LogPrefix;

/// One rule: what it does to the packets that meet all its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The conditions, asked in this order.
    pub matches: Vec<Match>,
    /// Whether it counts the packets that meet them.
    pub counted: bool,
    /// A line in the kernel's log.
    pub log: Option<Log>,
    /// A counter of the packet's source.
    pub tally: Option<Tally>,
    /// What then happens.
    pub action: Action,
    /// Why it is there.
    pub evidence: Evidence,
}

impl Rule {
    /// A rule without conditions.
    pub fn new(action: impl Into<Action>, evidence: Evidence) -> Self {
        Self {
            matches: Vec::new(),
            counted: false,
            log: None,
            tally: None,
            action: action.into(),
            evidence,
        }
    }

    /// A rule that counts every packet for its source, and does nothing else: where the set is full, the kernel leaves the rest
    /// of the rule out.
    pub fn tallying(tally: Tally) -> Self {
        Self {
            tally: Some(tally),
            ..Self::new(Action::Continue, Evidence::default())
        }
    }

    /// The rule under one more condition.
    #[must_use]
    pub fn when(mut self, condition: Match) -> Self {
        self.matches.push(condition);
        self
    }

    /// The rule, counting what it does.
    #[must_use]
    pub fn counted(mut self) -> Self {
        self.counted = true;
        self
    }

    /// The chains that it can lead to, those of inline maps included.
    pub fn targets(&self) -> impl Iterator<Item = &Name> {
        let elements: &[MapElement] = match &self.action {
            Action::Lookup(Lookup {
                map: LookupMap::Inline(elements),
                ..
            }) => elements,
            _ => &[],
        };
        let own = match &self.action {
            Action::Verdict(verdict) => verdict.target(),
            _ => None,
        };
        own.into_iter()
            .chain(elements.iter().filter_map(|element| element.verdict.target()))
    }
}

/// What a rule does when its conditions are met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing: on with the next rule.
    Continue,
    /// A verdict.
    Verdict(Verdict),
    /// The verdict that a map has for the packet; on with the next rule where it has none.
    Lookup(Lookup),
    /// It is dropped, and the sender is told.
    Reject(RejectWith),
    /// The connection gets the address of the interface that it leaves by for its source.
    Masquerade,
}

impl From<Verdict> for Action {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(verdict)
    }
}

/// A question to a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// What is asked for.
    pub key: Vec<Selector>,
    /// Where.
    pub map: LookupMap,
}

/// A map, by its name or in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupMap {
    /// A map of the table.
    Named(Name),
    /// A map that the rule itself carries.
    Inline(Vec<MapElement>),
}

/// How a sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectWith {
    /// A TCP segment with RST, as from a closed port.
    TcpReset,
    /// ICMP code 13 (RFC 1812 §5.2.7.1) or ICMPv6 code 1 (RFC 4443 §3.1), "communication administratively prohibited".
    AdminProhibited,
}

/// A line in the kernel's log, of level `info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// What it begins with.
    pub prefix: LogPrefix,
}

/// A counter for every source, made as packets come; sources that the set has no room for are not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The set that holds the counters.
    pub set: Name,
    /// What counts as a source; the same as in the set.
    pub key: MeterKey,
}
