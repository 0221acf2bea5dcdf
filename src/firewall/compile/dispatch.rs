//! From an interface and an address to what a zone says.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::longest_prefix::longest_prefix;
use crate::firewall::ruleset::{
    Action, Chain, Evidence, Family, Lookup, LookupMap, MapElement, Match, Name, Rule, Selector, Table, Value, Verdict,
    VerdictMap,
};
use crate::net::{InterfacePattern, Prefix};

/// Which end of a packet's way is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The interface that it came in by, and its source.
    Source,
    /// The interface that it will leave by, and its destination.
    Destination,
}

impl End {
    fn interface(self) -> Selector {
        match self {
            Self::Source => Selector::InputInterface,
            Self::Destination => Selector::OutputInterface,
        }
    }

    fn address(self, family: Family) -> Selector {
        match (self, family) {
            (Self::Source, Family::Ipv4) => Selector::SourceV4,
            (Self::Source, Family::Ipv6) => Selector::SourceV6,
            (Self::Destination, Family::Ipv4) => Selector::DestinationV4,
            (Self::Destination, Family::Ipv6) => Selector::DestinationV6,
        }
    }
}

/// A verdict for the packets of an interface, or for a prefix behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The interface.
    pub(super) interface: InterfacePattern,
    /// The prefix; everything that no other entry of the interface claims where there is none.
    pub(super) prefix: Option<Prefix>,
    /// What happens to them. It must be final: a chain that it leads to must not end without saying what happens.
    pub(super) verdict: Verdict,
    /// Why.
    pub(super) evidence: Evidence,
}

/// Adds the maps and chains of a dispatcher to the table and returns the rules that ask them, for the caller's chain. A
/// packet that no entry wants comes out behind these rules.
///
/// The map of the interfaces is called `name`; the chains and maps of interfaces with prefixes are called after it.
pub(super) fn dispatch(table: &mut Table, end: End, name: &Name, entries: Vec<Entry>) -> Vec<Rule> {
    let mut interfaces: BTreeMap<InterfacePattern, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        interfaces.entry(entry.interface.clone()).or_default().push(entry);
    }
    let mut elements = Vec::new();
    let mut patterns = Vec::new();
    for (interface, entries) in interfaces {
        let (verdict, evidence) = by_address(table, end, name.interface(&interface), &entries);
        match interface.starts_with().map(str::len) {
            None => elements.push(MapElement {
                key: vec![Value::Interface(interface)],
                verdict,
                evidence,
            }),
            Some(length) => {
                let rule = Rule::new(verdict, evidence).when(Match::Is(end.interface(), Value::Interface(interface)));
                patterns.push((length, rule));
            }
        }
    }
    // The longest beginning first.
    patterns.sort_by_key(|(length, _)| Reverse(*length));
    let mut rules = Vec::new();
    if !elements.is_empty() {
        table.maps.push(VerdictMap {
            name: name.clone(),
            key: vec![end.interface()],
            counted: false,
            elements,
        });
        rules.push(ask(end.interface(), name.clone()));
    }
    rules.extend(patterns.into_iter().map(|(_, rule)| rule));
    rules
}

/// The verdict for the packets of one interface, by their address: that of its only entry, or `chain`, which asks.
pub(super) fn by_address(table: &mut Table, end: End, chain: Name, entries: &[Entry]) -> (Verdict, Evidence) {
    let whole = entries.iter().find(|entry| entry.prefix.is_none());
    let prefixes: Vec<Decided> = entries
        .iter()
        .filter_map(|entry| Some((entry.prefix?, (entry.verdict.clone(), entry.evidence.clone()))))
        .collect();
    if let Some(whole) = whole
        && prefixes.iter().all(|(_, (verdict, _))| *verdict == whole.verdict)
    {
        return (whole.verdict.clone(), whole.evidence.clone());
    }
    let mut rules = by_prefix(table, end, &chain, &prefixes, false);
    rules.extend(whole.map(|whole| Rule::new(whole.verdict.clone(), whole.evidence.clone())));
    table.chains.push(Chain::new(chain.clone(), rules));
    // A jump: where nobody wants the address, the patterns are asked.
    (Verdict::Jump(chain), Evidence::default())
}

/// A prefix, what happens to the packets that it is the longest one of, and why.
pub(super) type Decided = (Prefix, (Verdict, Evidence));

/// The rules that ask for the address at one end, of each family that `prefixes` has, in maps named after `chain`.
pub(super) fn by_prefix(table: &mut Table, end: End, chain: &Name, prefixes: &[Decided], counted: bool) -> Vec<Rule> {
    let mut rules = Vec::new();
    for family in Family::ALL {
        let ranges = longest_prefix(prefixes, family);
        if ranges.is_empty() {
            continue;
        }
        let name = chain.family(family);
        let selector = end.address(family);
        let elements = ranges.into_iter().map(|(range, (verdict, evidence))| MapElement {
            key: vec![Value::Addresses(range)],
            verdict: verdict.clone(),
            evidence: evidence.clone(),
        });
        table.maps.push(VerdictMap {
            name: name.clone(),
            key: vec![selector],
            counted,
            elements: elements.collect(),
        });
        rules.push(ask(selector, name));
    }
    rules
}

/// A rule that asks a map for one field.
pub(super) fn ask(selector: Selector, map: Name) -> Rule {
    let lookup = Lookup {
        key: vec![selector],
        map: LookupMap::Named(map),
    };
    Rule::new(Action::Lookup(lookup), Evidence::default())
}
