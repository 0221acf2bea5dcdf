//! The way of one packet.

use super::compare::{Comparison, compare};
use super::{Answer, Assumption, Circumstances, Fault, Found, Limits, Outcome, Packet, Payload, Step, Trace, Way};
use crate::firewall::ruleset::{
    Action, Base, Chain, ChainPolicy, Evidence, Family, Hook, Lookup, LookupMap, MapElement, Match, MeterKey, Name,
    RejectWith, Rule, Selector, SetContent, Table, Value, Verdict,
};
use crate::net::Transport;

/// Deepest that chains may lead to each other, jumps and gotos alike (`NFT_JUMP_STACK_SIZE`, asked when rules are loaded).
const DEEPEST: usize = 16;

/// What happens to `packet` in `table`.
pub(super) fn walk<'r>(table: &'r Table, packet: &Packet, circumstances: &Circumstances) -> Result<Trace<'r>, Fault> {
    let mut walk = Walk {
        table,
        packet,
        circumstances,
        trace: Trace {
            steps: Vec::new(),
            outcome: Outcome::Accepted,
            decision: Vec::new(),
            metered: Vec::new(),
            assumed: Vec::new(),
        },
    };
    for (chain, base) in chains(table, &packet.way) {
        walk.trace.outcome = walk.base(chain, base)?;
        if walk.trace.outcome != Outcome::Accepted {
            break;
        }
    }
    Ok(walk.trace)
}

/// The base chains on a packet's way, in the order in which the kernel enters them.
fn chains<'r>(table: &'r Table, way: &Way) -> Vec<(&'r Chain, Base)> {
    let mut chains: Vec<_> = table
        .chains
        .iter()
        .filter_map(|chain| Some((chain, chain.base?)))
        .filter(|(_, base)| passes(way, base.hook))
        .collect();
    // Hooks and priorities are ordered as the kernel enters them; of two alike the first one was registered first.
    chains.sort_by_key(|(_, base)| (base.hook, base.priority));
    chains
}

/// Whether a packet of this way passes a hook.
fn passes(way: &Way, hook: Hook) -> bool {
    match hook {
        Hook::Prerouting => matches!(way, Way::ToHost { .. } | Way::Through { .. }),
        Hook::Input => matches!(way, Way::ToHost { .. }),
        Hook::Forward => matches!(way, Way::Through { .. }),
    }
}

struct Walk<'r, 'p> {
    table: &'r Table,
    packet: &'p Packet,
    circumstances: &'p Circumstances,
    trace: Trace<'r>,
}

/// A chain that the packet is in.
struct Frame<'r> {
    chain: &'r Chain,
    /// The place of the next rule, from 0.
    next: usize,
    /// How many chains led here, jumps and gotos alike.
    depth: usize,
    /// How much of the decision so far is older than this frame.
    trail: usize,
}

/// What a rule does with a packet that meets its conditions.
enum Effect<'r> {
    /// Nothing: on with the next rule.
    On,
    /// The hook is over.
    End(Outcome),
    /// Back to where the last jump came from.
    Back,
    /// On with another chain.
    To {
        /// Its name.
        chain: &'r Name,
        /// Whether its end leads back here.
        comes_back: bool,
    },
}

impl<'r> Walk<'r, '_> {
    /// Passes the packet through a base chain.
    fn base(&mut self, chain: &'r Chain, base: Base) -> Result<Outcome, Fault> {
        self.trace.decision.clear();
        self.trace.steps.push(Step::Hook(chain, base));
        let mut frames = vec![Frame {
            chain,
            next: 0,
            depth: 0,
            trail: 0,
        }];
        while let Some(frame) = frames.last_mut() {
            let Some(rule) = frame.chain.rules.get(frame.next) else {
                self.trace.decision.truncate(frame.trail);
                frames.pop();
                continue;
            };
            frame.next += 1;
            let (chain, number, depth) = (frame.chain, frame.next, frame.depth);
            if !self.meets(rule)? {
                continue;
            }
            let Some((effect, found)) = self.act(rule, base.hook)? else {
                continue;
            };
            let position = self.trace.steps.len();
            self.trace.steps.push(Step::Rule {
                chain,
                number,
                rule,
                found,
            });
            let trail = frame.trail;
            match effect {
                Effect::On => {}
                Effect::End(outcome) => {
                    self.trace.decision.push(position);
                    return Ok(outcome);
                }
                Effect::Back => {
                    self.trace.decision.truncate(trail);
                    frames.pop();
                }
                Effect::To {
                    chain: name,
                    comes_back,
                } => {
                    let chain = self.table.chain(name).ok_or_else(|| Fault::NoChain(name.clone()))?;
                    if depth == DEEPEST {
                        return Err(Fault::TooDeep(name.clone()));
                    }
                    let trail = if comes_back { self.trace.decision.len() } else { trail };
                    if !comes_back {
                        frames.pop();
                    }
                    self.trace.decision.push(position);
                    frames.push(Frame {
                        chain,
                        next: 0,
                        depth: depth + 1,
                        trail,
                    });
                }
            }
        }
        self.trace.decision.push(self.trace.steps.len());
        self.trace.steps.push(Step::Policy(chain, base));
        Ok(match base.policy {
            ChainPolicy::Accept => Outcome::Accepted,
            ChainPolicy::Drop => Outcome::Dropped(base.hook),
        })
    }

    /// What a rule on `hook` does, and what its map has for the packet; `None` where it cannot ask its map.
    fn act(&mut self, rule: &'r Rule, hook: Hook) -> Result<Option<(Effect<'r>, Option<Found<'r>>)>, Fault> {
        let lead = |chain, comes_back| Effect::To { chain, comes_back };
        let effect = |verdict: &'r Verdict| match verdict {
            Verdict::Accept => Effect::End(Outcome::Accepted),
            Verdict::Drop => Effect::End(Outcome::Dropped(hook)),
            Verdict::Return => Effect::Back,
            Verdict::Jump(chain) => lead(chain, true),
            Verdict::Goto(chain) => lead(chain, false),
        };
        Ok(Some(match &rule.action {
            Action::Continue => (Effect::On, None),
            Action::Verdict(verdict) => (effect(verdict), None),
            Action::Reject(with) => {
                let answer = Answer::of(*with, self.packet.ends.family());
                (Effect::End(Outcome::Rejected(hook, answer)), None)
            }
            Action::Lookup(lookup) => match self.look_up(lookup)? {
                Some(Found::Element(element)) => (effect(&element.verdict), Some(Found::Element(element))),
                Some(Found::Nothing) => (Effect::On, Some(Found::Nothing)),
                None => return Ok(None),
            },
        }))
    }

    /// Whether the packet meets all conditions of a rule. They are asked in their order, and none behind one that is not
    /// met: asking a limit counts.
    fn meets(&mut self, rule: &'r Rule) -> Result<bool, Fault> {
        let Rule {
            matches,
            counted: _,
            log: _,
            tally,
            action,
            evidence,
        } = rule;
        for condition in matches {
            if !self.meets_one(condition, evidence)? {
                return Ok(false);
            }
        }
        // A counter per source asks for the source's family too.
        if tally.as_ref().is_some_and(|tally| !self.has(tally.key)) {
            return Ok(false);
        }
        // nft asks for TCP before it resets.
        let resets = matches!(action, Action::Reject(RejectWith::TcpReset));
        let is_tcp = matches!(
            self.packet.payload,
            Payload::Ports {
                transport: Transport::Tcp,
                ..
            }
        );
        Ok(is_tcp || !resets)
    }

    fn meets_one(&mut self, condition: &'r Match, evidence: &'r Evidence) -> Result<bool, Fault> {
        match condition {
            Match::Is(selector, value) => self.is_one_of(*selector, [value]),
            Match::IsNot(selector, value) => match compare(self.packet, *selector, value)? {
                Comparison::Other => Ok(true),
                Comparison::Equal | Comparison::Absent => Ok(false),
                Comparison::Unknown => {
                    self.assume(Assumption::Not(*selector, value));
                    Ok(true)
                }
            },
            Match::OneOf(selector, values) => self.is_one_of(*selector, values),
            Match::InSet(selector, name) => match self.table.set(name).map(|set| &set.content) {
                Some(SetContent::Elements { elements, .. }) => {
                    self.is_one_of(*selector, elements.iter().map(|element| &element.value))
                }
                Some(SetContent::Buckets { .. }) | None => Err(Fault::NoSet(name.clone())),
            },
            Match::NoWayBack(check) => {
                if self.circumstances.way_back.is_none() {
                    self.assume(Assumption::WayBack(*check));
                }
                let way_back = self.circumstances.way_back;
                Ok(way_back.is_some_and(|way_back| way_back.is_missing(*check)))
            }
            Match::Within(limit) => {
                self.assume(Assumption::WithinLimit(*limit));
                Ok(true)
            }
            Match::Exceeds(meter) => {
                if !self.has(meter.key) {
                    return Ok(false);
                }
                self.trace.metered.push(meter);
                match &self.circumstances.limits {
                    Limits::UsedUp => Ok(true),
                    Limits::UsedUpIn(sets) => Ok(sets.contains(&meter.set)),
                    Limits::Unknown => {
                        self.assume(Assumption::UnderLimit(meter, evidence));
                        Ok(false)
                    }
                }
            }
        }
    }

    /// Whether a field has one of the values. One that is not known is assumed to have none of them.
    fn is_one_of(&mut self, selector: Selector, values: impl IntoIterator<Item = &'r Value>) -> Result<bool, Fault> {
        for value in values {
            match compare(self.packet, selector, value)? {
                Comparison::Equal => return Ok(true),
                Comparison::Other => {}
                Comparison::Absent => return Ok(false),
                Comparison::Unknown => self.assume(Assumption::Not(selector, value)),
            }
        }
        Ok(false)
    }

    /// What a map has for the packet; `None` where the packet lacks a field of the key, so that the map is not asked.
    fn look_up(&mut self, lookup: &'r Lookup) -> Result<Option<Found<'r>>, Fault> {
        let elements = match &lookup.map {
            LookupMap::Named(name) => {
                let map = self.table.map(name).ok_or_else(|| Fault::NoMap(name.clone()))?;
                &map.elements
            }
            LookupMap::Inline(elements) => elements,
        };
        for element in elements {
            match self.compare_key(lookup, element)? {
                Comparison::Equal => return Ok(Some(Found::Element(element))),
                Comparison::Other | Comparison::Unknown => {}
                Comparison::Absent => return Ok(None),
            }
        }
        Ok(Some(Found::Nothing))
    }

    fn compare_key(&mut self, lookup: &'r Lookup, element: &'r MapElement) -> Result<Comparison, Fault> {
        if let Some(selector) = lookup.key.get(element.key.len()) {
            return Err(Fault::OtherKind(*selector));
        }
        let mut key = Comparison::Equal;
        let mut unknown = Vec::new();
        for (selector, value) in lookup.key.iter().zip(&element.key) {
            match compare(self.packet, *selector, value)? {
                Comparison::Absent => return Ok(Comparison::Absent),
                Comparison::Other => key = Comparison::Other,
                Comparison::Unknown => unknown.push(Assumption::Not(*selector, value)),
                Comparison::Equal => {}
            }
        }
        // Only what the rest of the key leaves open is worth assuming.
        if key == Comparison::Equal && !unknown.is_empty() {
            for assumption in unknown {
                self.assume(assumption);
            }
            return Ok(Comparison::Unknown);
        }
        Ok(key)
    }

    /// Whether the packet has a source of this kind: it is an address of one family.
    fn has(&self, key: MeterKey) -> bool {
        let family = match key {
            MeterKey::V4Address => Family::Ipv4,
            MeterKey::V6Subnet => Family::Ipv6,
        };
        self.packet.ends.family() == family
    }

    fn assume(&mut self, assumption: Assumption<'r>) {
        if !self.trace.assumed.contains(&assumption) {
            self.trace.assumed.push(assumption);
        }
    }
}
