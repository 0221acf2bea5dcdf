//! Classes of packets on their way through the chains.

use std::collections::BTreeMap;

use super::class::{Class, Split};
use super::{Addresses, Interfaces, Reach};
use crate::firewall::ruleset::{
    Action, Chain, ChainPolicy, Evidence, Hook, Lookup, LookupMap, MapElement, Match, Name, Rule, SetContent, Table,
    Value, Verdict,
};
use crate::net::{InterfacePattern, ZoneName};

/// Deepest nesting of jumps that the kernel takes (`NFT_JUMP_STACK_SIZE`).
const DEEPEST: usize = 16;

/// What the chain on `hook` lets through.
pub(super) fn walk(table: &Table, hook: Hook) -> Vec<Reach> {
    let mut walk = Walk {
        table,
        found: Vec::new(),
    };
    for chain in &table.chains {
        let Some(base) = chain.base.filter(|base| base.hook == hook) else {
            continue;
        };
        let trail = Trail::default();
        let mut all = Class::all();
        if let Some(outside) = outside_loopback() {
            all.input = outside;
        }
        let rest = walk.chain(chain, vec![all], &trail, 0);
        if base.policy == ChainPolicy::Accept {
            for class in rest {
                walk.accept(class, &trail, &Evidence::note("chain policy"), false);
            }
        }
    }
    joined(walk.found)
}

/// What of a class goes on that a rule or element decided in part. What is let in needs not be told by its traffic from
/// what is let in further down: that keeps classes whole.
fn beyond(accepted: bool, class: &Class, outside: Vec<Class>) -> Vec<Class> {
    if accepted && outside.iter().any(|other| other.traffic != class.traffic) {
        vec![class.clone()]
    } else {
        outside
    }
}

/// Classes that differ in their traffic alone are one.
fn merged(classes: Vec<Class>) -> Vec<Class> {
    let mut all: Vec<Class> = Vec::with_capacity(classes.len());
    for class in classes {
        match all.iter_mut().find(|other| other.is_same_way(&class)) {
            Some(other) => other.traffic = other.traffic.or(&class.traffic),
            None => all.push(class),
        }
    }
    all
}

/// Entries that differ in their traffic alone are one, at the place of the first.
fn joined(found: Vec<Reach>) -> Vec<Reach> {
    let mut places: BTreeMap<Way, usize> = BTreeMap::new();
    let mut all: Vec<Reach> = Vec::new();
    for reach in found {
        let way = (
            reach.zone.clone(),
            (reach.input.clone(), reach.source.clone()),
            (reach.output.clone(), reach.destination.clone()),
            (reach.evidence.clone(), reach.path.clone()),
            reach.narrowed,
        );
        if let Some(same) = places.get(&way).and_then(|place| all.get_mut(*place)) {
            same.traffic = same.traffic.or(&reach.traffic);
        } else {
            places.insert(way, all.len());
            all.push(reach);
        }
    }
    all
}

/// Everything of a [`Reach`] but its traffic.
type Way = (
    Option<ZoneName>,
    (Interfaces, Addresses),
    (Interfaces, Addresses),
    (Evidence, Vec<Evidence>),
    bool,
);

/// What the host says to itself is nobody's business.
fn outside_loopback() -> Option<Interfaces> {
    let lo: InterfacePattern = "lo".parse().ok()?;
    Interfaces::all().split(&lo).1
}

struct Walk<'a> {
    table: &'a Table,
    found: Vec<Reach>,
}

/// What is known of packets by the way that they took.
#[derive(Debug, Clone, Default)]
struct Trail {
    zone: Option<ZoneName>,
    path: Vec<Evidence>,
}

impl Trail {
    /// The way on into a chain.
    fn on(&self, chain: &Name, evidence: &Evidence) -> Self {
        let mut next = self.clone();
        if !evidence.is_empty() {
            next.path.push(evidence.clone());
        }
        if next.zone.is_none() {
            next.zone = chain.of_zone().cloned();
        }
        next
    }
}

impl Walk<'_> {
    /// The classes that come to the end of a chain, or back from it.
    fn chain(&mut self, chain: &Chain, classes: Vec<Class>, trail: &Trail, depth: usize) -> Vec<Class> {
        let mut back = Vec::new();
        let mut here = classes;
        for rule in &chain.rules {
            let mut next = Vec::new();
            for class in here {
                self.rule(rule, class, trail, depth, &mut next, &mut back);
            }
            here = merged(next);
        }
        here.append(&mut back);
        merged(here)
    }

    fn rule(
        &mut self,
        rule: &Rule,
        class: Class,
        trail: &Trail,
        depth: usize,
        next: &mut Vec<Class>,
        back: &mut Vec<Class>,
    ) {
        let accepts = rule.action == Action::Verdict(Verdict::Accept);
        let before = class.clone();
        let mut split = Split {
            inside: vec![class],
            outside: Vec::new(),
        };
        let mut certain = true;
        for condition in &rule.matches {
            let divide = |class: &Class| self.divide(condition, class);
            // A condition that a class knows nothing of may be met or not.
            match split.inside.iter().map(divide).collect::<Option<Vec<_>>>() {
                None => certain = false,
                Some(parts) => {
                    split.inside = Vec::new();
                    for part in parts {
                        split.inside.extend(part.inside);
                        split.outside.extend(part.outside);
                    }
                }
            }
        }
        let goes_on = if accepts && !certain {
            vec![before]
        } else {
            beyond(accepts, &before, split.outside)
        };
        next.extend(goes_on);
        for class in split.inside {
            if !certain && !accepts {
                next.push(class.clone());
            }
            match &rule.action {
                Action::Continue if certain => next.push(class),
                Action::Continue | Action::Reject(_) => {}
                Action::Verdict(verdict) => {
                    let mut out = Out { next, back };
                    self.verdict(verdict, class, trail, &rule.evidence, certain, depth, &mut out);
                }
                Action::Lookup(lookup) => {
                    let rest = self.lookup(lookup, class, trail, certain, depth, back);
                    next.extend(rest.into_iter().filter(|_| certain));
                }
            }
        }
    }

    /// Asks a map; the classes that it has no verdict for, or that come back.
    fn lookup(
        &mut self,
        lookup: &Lookup,
        class: Class,
        trail: &Trail,
        certain: bool,
        depth: usize,
        back: &mut Vec<Class>,
    ) -> Vec<Class> {
        let table = self.table;
        let elements: &[MapElement] = match &lookup.map {
            LookupMap::Inline(elements) => elements,
            LookupMap::Named(name) => table.map(name).map(|map| map.elements.as_slice()).unwrap_or_default(),
        };
        let mut rest = vec![class];
        let mut returned = Vec::new();
        for element in elements {
            let mut left = Vec::new();
            for class in rest {
                let Some(split) = class.split_key(&lookup.key, &element.key) else {
                    left.push(class);
                    continue;
                };
                left.extend(beyond(element.verdict == Verdict::Accept, &class, split.outside));
                for class in split.inside {
                    let mut out = Out {
                        next: &mut returned,
                        back,
                    };
                    self.verdict(
                        &element.verdict,
                        class,
                        trail,
                        &element.evidence,
                        certain,
                        depth,
                        &mut out,
                    );
                }
            }
            rest = left;
        }
        rest.append(&mut returned);
        rest
    }

    #[expect(clippy::too_many_arguments, reason = "one call for rules and elements alike")]
    fn verdict(
        &mut self,
        verdict: &Verdict,
        class: Class,
        trail: &Trail,
        evidence: &Evidence,
        certain: bool,
        depth: usize,
        out: &mut Out<'_>,
    ) {
        match verdict {
            Verdict::Accept => self.accept(class, trail, evidence, !certain),
            Verdict::Return if certain => out.back.push(class),
            Verdict::Drop | Verdict::Return => {}
            Verdict::Jump(name) | Verdict::Goto(name) => {
                let table = self.table;
                let Some(chain) = table.chain(name).filter(|_| depth < DEEPEST) else {
                    return;
                };
                let ended = self.chain(chain, vec![class], &trail.on(name, evidence), depth + 1);
                let to = if matches!(verdict, Verdict::Jump(_)) {
                    &mut *out.next
                } else {
                    &mut *out.back
                };
                to.extend(ended);
            }
        }
    }

    fn accept(&mut self, class: Class, trail: &Trail, evidence: &Evidence, narrowed: bool) {
        let mut path = trail.path.clone();
        let evidence = if evidence.is_empty() {
            path.pop().unwrap_or_default()
        } else {
            evidence.clone()
        };
        self.found.push(Reach {
            zone: trail.zone.clone(),
            input: class.input,
            source: class.source,
            output: class.output,
            destination: class.destination,
            traffic: class.traffic,
            evidence,
            path,
            narrowed,
        });
    }

    /// Divides a class by a condition; `None` where it cannot be told.
    fn divide(&self, condition: &Match, class: &Class) -> Option<Split> {
        match condition {
            Match::Is(selector, value) => class.split(*selector, [value]),
            Match::IsNot(selector, value) => {
                let split = class.split(*selector, [value])?;
                Some(Split {
                    inside: split.outside,
                    outside: split.inside,
                })
            }
            Match::OneOf(selector, values) => class.split(*selector, values),
            Match::InSet(selector, set) => {
                let SetContent::Elements { elements, .. } = &self.table.set(set)?.content else {
                    return None;
                };
                let values: Vec<Value> = elements.iter().map(|element| element.value.clone()).collect();
                class.split(*selector, &values)
            }
            Match::NoWayBack(_) | Match::Within(_) | Match::Exceeds(_) => None,
        }
    }
}

/// Where classes go on that a verdict does not settle.
struct Out<'a> {
    next: &'a mut Vec<Class>,
    back: &'a mut Vec<Class>,
}
