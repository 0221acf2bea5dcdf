//! The table, which is the whole ruleset.

use std::collections::BTreeSet;

use super::{Action, Base, Chain, Hook, LookupMap, Match, Name, Set, VerdictMap};

/// The ruleset of a host: one table of family `inet`, and nothing outside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruleset {
    /// The table.
    pub table: Table,
}

/// A table of family `inet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Its sets.
    pub sets: Vec<Set>,
    /// Its maps.
    pub maps: Vec<VerdictMap>,
    /// Its chains.
    pub chains: Vec<Chain>,
}

impl Table {
    /// An empty table.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            sets: Vec::new(),
            maps: Vec::new(),
            chains: Vec::new(),
        }
    }

    /// The set of this name.
    pub fn set(&self, name: &Name) -> Option<&Set> {
        self.sets.iter().find(|set| set.name == *name)
    }

    /// The map of this name.
    pub fn map(&self, name: &Name) -> Option<&VerdictMap> {
        self.maps.iter().find(|map| map.name == *name)
    }

    /// The chain of this name.
    pub fn chain(&self, name: &Name) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.name == *name)
    }

    /// The chains that the kernel enters on a hook.
    pub fn base_chains(&self, hook: Hook) -> impl Iterator<Item = (&Chain, Base)> {
        let base = move |chain: &Chain| chain.base.filter(|base| base.hook == hook);
        self.chains.iter().filter_map(move |chain| Some((chain, base(chain)?)))
    }

    /// Takes out the chains, maps and sets that no packet can reach.
    pub fn prune(&mut self) {
        let mut chains: BTreeSet<Name> = BTreeSet::new();
        let mut maps = BTreeSet::new();
        let mut sets = BTreeSet::new();
        let mut open: Vec<Name> = self
            .chains
            .iter()
            .filter(|chain| chain.base.is_some())
            .map(|chain| chain.name.clone())
            .collect();
        while let Some(name) = open.pop() {
            if !chains.insert(name.clone()) {
                continue;
            }
            for rule in self
                .chain(&name)
                .map(|chain| chain.rules.as_slice())
                .unwrap_or_default()
            {
                open.extend(rule.targets().cloned());
                sets.extend(rule.tally.iter().map(|tally| tally.set.clone()));
                for condition in &rule.matches {
                    match condition {
                        Match::InSet(_, set) => sets.insert(set.clone()),
                        Match::Exceeds(meter) => sets.insert(meter.set.clone()),
                        _ => false,
                    };
                }
                if let Action::Lookup(lookup) = &rule.action
                    && let LookupMap::Named(map) = &lookup.map
                    && maps.insert(map.clone())
                {
                    let elements = self.map(map).map(|map| map.elements.as_slice()).unwrap_or_default();
                    open.extend(elements.iter().filter_map(|element| element.verdict.target().cloned()));
                }
            }
        }
        self.chains.retain(|chain| chains.contains(&chain.name));
        self.maps.retain(|map| maps.contains(&map.name));
        self.sets.retain(|set| sets.contains(&set.name));
    }
}
