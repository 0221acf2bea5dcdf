//! Classes of packets on their way through the chains.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::class::{Class, Split};
use super::join::{grouped, joined, united};
use super::{Reach, Traffic};
use crate::firewall::ruleset::{
    Action, Chain, ChainPolicy, Evidence, Hook, Lookup, LookupMap, MapElement, Match, Name, Rule, Set, SetContent,
    Table, Verdict, VerdictMap,
};
use crate::net::ZoneName;

/// Deepest nesting of jumps that the kernel takes (`NFT_JUMP_STACK_SIZE`).
const DEEPEST: usize = 16;

/// What the chain on `hook` lets through, and what it certainly drops.
pub(super) fn walk(table: &Table, hook: Hook) -> Walked {
    let mut walk = Walk {
        chains: table.chains.iter().map(|chain| (&chain.name, chain)).collect(),
        maps: table.maps.iter().map(|map| (&map.name, map)).collect(),
        sets: table.sets.iter().map(|set| (&set.name, set)).collect(),
        keeps_dropped: hook == Hook::Prerouting,
        walked: Walked::default(),
    };
    for (chain, base) in table.base_chains(hook) {
        let trail = Trail {
            hook: Some(hook),
            ..Trail::default()
        };
        let Reach { input, output, .. } = Reach::everything(hook, Evidence::default());
        let all = Class {
            input,
            output,
            ..Class::all()
        };
        let rest = walk.chain(chain, vec![all], &trail, 0);
        let policy = Evidence::note("chain policy");
        for class in rest {
            match base.policy {
                ChainPolicy::Accept => walk.accept(class, &trail, &policy),
                ChainPolicy::Drop => walk.drop(class, &trail, &policy),
            }
        }
    }
    walk.walked.passed = joined(walk.walked.passed);
    walk.walked.dropped = joined(walk.walked.dropped);
    walk.walked
}

/// What became of all packets on a hook.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// What the chain lets through.
    pub(super) passed: Vec<Reach>,
    /// What it drops, as far as that is certain; remembered of `prerouting` alone.
    pub(super) dropped: Vec<Reach>,
}

/// Classes that differ in their traffic alone are one.
fn merged(classes: Vec<Class>) -> Vec<Class> {
    if classes.len() < 2 {
        return classes;
    }
    let groups = grouped(&classes, Class::way);
    united(classes, groups, |mut members| {
        let traffic = Traffic::of_all(members.iter().map(|class| &class.traffic));
        members.truncate(1);
        members.pop().map(|class| Class { traffic, ..class })
    })
}

struct Walk<'a> {
    chains: BTreeMap<&'a Name, &'a Chain>,
    maps: BTreeMap<&'a Name, &'a VerdictMap>,
    sets: BTreeMap<&'a Name, &'a Set>,
    /// Whether what is dropped is remembered.
    keeps_dropped: bool,
    walked: Walked,
}

/// What is known of packets by the way that they took.
#[derive(Debug, Clone, Default)]
struct Trail {
    /// Where it began; only packets to the host come from a zone and no other.
    hook: Option<Hook>,
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
        if self.hook == Some(Hook::Input) {
            match (&next.zone, chain.of_zone()) {
                (None, zone) => next.zone = zone.cloned(),
                (Some(_), Some(_)) => {}
                // What other zones ask, too: what it lets in comes in whatever the zone.
                (Some(_), None) => {
                    next.zone = None;
                    next.path.clear();
                }
            }
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
                let mut out = Out {
                    next: &mut next,
                    back: &mut back,
                };
                self.rule(rule, class, trail, depth, &mut out);
            }
            here = merged(next);
        }
        here.append(&mut back);
        merged(here)
    }

    fn rule(&mut self, rule: &Rule, class: Class, trail: &Trail, depth: usize, out: &mut Out<'_>) {
        let accepts = rule.action == Action::Verdict(Verdict::Accept);
        let mut split = Split::inside(&class);
        let mut unknown = Vec::new();
        for condition in &rule.matches {
            let parts: Option<Vec<_>> = split.inside.iter().map(|class| self.divide(condition, class)).collect();
            match parts {
                None => unknown.push(condition),
                Some(parts) => {
                    split.inside = Vec::new();
                    for part in parts {
                        split.inside.extend(part.inside);
                        split.outside.extend(part.outside);
                    }
                }
            }
        }
        if unknown.is_empty() {
            out.next.extend(class.beyond(accepts, split.outside));
            for class in split.inside {
                self.act(rule, class, trail, depth, out);
            }
            return;
        }
        // A condition that a class knows nothing of may be met or not, so all of it goes on.
        let may_pass = match &rule.action {
            Action::Continue | Action::Masquerade | Action::Reject(_) | Action::Verdict(Verdict::Drop) => false,
            Action::Verdict(_) | Action::Lookup(_) => true,
        };
        if may_pass && self.keeps_dropped {
            out.next.extend(split.outside);
            out.next.extend(split.inside.iter().map(|class| Class {
                is_doubtful: true,
                ..class.clone()
            }));
        } else {
            out.next.push(class);
        }
        for class in split.inside {
            let class = unknown.iter().fold(class, |class, condition| class.meeting(condition));
            let mut covered = Vec::new();
            let mut out = Out {
                next: &mut covered,
                back: out.back,
            };
            self.act(rule, class, trail, depth, &mut out);
        }
    }

    fn act(&mut self, rule: &Rule, class: Class, trail: &Trail, depth: usize, out: &mut Out<'_>) {
        match &rule.action {
            Action::Continue | Action::Masquerade => out.next.push(class),
            Action::Reject(_) => self.drop(class, trail, &rule.evidence),
            Action::Verdict(verdict) => self.verdict(verdict, class, trail, &rule.evidence, depth, out),
            Action::Lookup(lookup) => self.lookup(lookup, class, trail, depth, out),
        }
    }

    /// Asks a map; the classes that it has no verdict for go on.
    fn lookup(&mut self, lookup: &Lookup, class: Class, trail: &Trail, depth: usize, out: &mut Out<'_>) {
        let elements: &[MapElement] = match &lookup.map {
            LookupMap::Inline(elements) => elements,
            LookupMap::Named(name) => self
                .maps
                .get(name)
                .map(|map| map.elements.as_slice())
                .unwrap_or_default(),
        };
        let mut answer = Answer::of(class, &lookup.key, elements);
        out.next.append(&mut answer.rest);
        for (class, element) in answer.decided {
            self.verdict(&element.verdict, class, trail, &element.evidence, depth, out);
        }
    }

    fn verdict(
        &mut self,
        verdict: &Verdict,
        class: Class,
        trail: &Trail,
        evidence: &Evidence,
        depth: usize,
        out: &mut Out<'_>,
    ) {
        match verdict {
            Verdict::Accept => self.accept(class, trail, evidence),
            Verdict::Drop => self.drop(class, trail, evidence),
            Verdict::Return => out.back.push(class),
            Verdict::Jump(name) | Verdict::Goto(name) => {
                let Some(chain) = self.chains.get(name).copied().filter(|_| depth < DEEPEST) else {
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

    fn accept(&mut self, class: Class, trail: &Trail, evidence: &Evidence) {
        self.walked.passed.push(reach(class, trail, evidence));
    }

    fn drop(&mut self, class: Class, trail: &Trail, evidence: &Evidence) {
        // What may be dropped or not goes on as well.
        if self.keeps_dropped && class.conditions.is_empty() && !class.is_doubtful {
            self.walked.dropped.push(reach(class, trail, evidence));
        }
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
                let SetContent::Elements { elements, .. } = &self.sets.get(set)?.content else {
                    return None;
                };
                class.split(*selector, elements.iter().map(|element| &element.value))
            }
            Match::NoWayBack(_) | Match::Marked { .. } | Match::Within(_) | Match::Exceeds(_) => None,
        }
    }
}

/// An entry for what a rule or element decides.
fn reach(class: Class, trail: &Trail, evidence: &Evidence) -> Reach {
    let mut path = trail.path.clone();
    let evidence = if evidence.is_empty() {
        path.pop().unwrap_or_default()
    } else {
        evidence.clone()
    };
    Reach {
        zone: trail.zone.clone(),
        input: class.input,
        source: class.source,
        output: class.output,
        destination: class.destination,
        traffic: class.traffic,
        evidence,
        path,
        conditions: class.conditions,
    }
}

/// Where classes go on that a verdict does not settle.
struct Out<'a> {
    next: &'a mut Vec<Class>,
    back: &'a mut Vec<Class>,
}
