//! What a rule asks of a packet: its conditions, and its map.

use super::compare::{Comparison, compare};
use super::walk::Walk;
use super::{Assumption, Fault, Found, Limits, Payload};
use crate::firewall::ruleset::{
    Action, Evidence, Family, Lookup, LookupMap, MapElement, Match, MeterKey, RejectWith, Rule, Selector, SetContent,
    Value,
};
use crate::net::{InterfaceName, Transport};

/// What asking a condition comes to.
struct Asked<'r> {
    /// Whether it is met.
    met: bool,
    /// On which assumptions.
    assumed: Vec<Assumption<'r>>,
}

impl Asked<'_> {
    fn surely(met: bool) -> Self {
        Self {
            met,
            assumed: Vec::new(),
        }
    }
}

impl<'r> Walk<'r, '_> {
    /// Whether the packet meets all conditions of a rule. They are asked in their order, and none behind one that is not
    /// met: asking a limit counts.
    pub(super) fn meets(&mut self, rule: &'r Rule) -> Result<bool, Fault> {
        let Rule {
            matches,
            counted: _,
            log: _,
            tally,
            action,
            evidence,
        } = rule;
        // What was only assumed counts where nothing else decides.
        let mut assumed = Vec::new();
        let counted = self.trace.metered.len();
        for (position, condition) in matches.iter().enumerate() {
            let asked = self.ask(condition, evidence)?;
            if !asked.met {
                let surely = asked.assumed.is_empty() || self.fails_anyway(matches.get(position + 1..), evidence)?;
                if !surely || self.trace.metered.len() > counted {
                    self.assume(assumed.into_iter().chain(asked.assumed));
                }
                return Ok(false);
            }
            assumed.extend(asked.assumed);
        }
        // A counter per source asks for the source's family too, and nft asks for TCP before it resets.
        let resets = matches!(action, Action::Reject(RejectWith::TcpReset));
        if tally.as_ref().is_some_and(|tally| !self.has(tally.key)) || (resets && !self.is_tcp()) {
            return Ok(false);
        }
        self.assume(assumed);
        Ok(true)
    }

    /// Whether one of the conditions is not met whatever is assumed. No limit is asked.
    fn fails_anyway(&mut self, conditions: Option<&'r [Match]>, evidence: &'r Evidence) -> Result<bool, Fault> {
        for condition in conditions.unwrap_or_default() {
            let fails = match condition {
                Match::Is(..) | Match::IsNot(..) | Match::OneOf(..) | Match::InSet(..) => {
                    let asked = self.ask(condition, evidence)?;
                    !asked.met && asked.assumed.is_empty()
                }
                Match::Exceeds(meter) => !self.has(meter.key),
                Match::Marked { mask, value } => self.packet.mark & mask != *value,
                Match::NoWayBack(_) | Match::Within(_) => false,
            };
            if fails {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn ask(&mut self, condition: &'r Match, evidence: &'r Evidence) -> Result<Asked<'r>, Fault> {
        Ok(match condition {
            Match::Is(selector, value) => self.has_one_of(*selector, [value])?,
            Match::IsNot(selector, value) => match compare(self.packet, *selector, value)? {
                Comparison::Other => Asked::surely(true),
                Comparison::Equal | Comparison::Absent => Asked::surely(false),
                Comparison::Unknown => Asked {
                    met: true,
                    assumed: vec![Assumption::Not(*selector, value)],
                },
            },
            Match::OneOf(selector, values) => self.has_one_of(*selector, values)?,
            Match::InSet(selector, name) => match self.table.set(name).map(|set| &set.content) {
                Some(SetContent::Elements { elements, .. }) => {
                    self.has_one_of(*selector, elements.iter().map(|element| &element.value))?
                }
                Some(SetContent::Buckets { .. }) | None => return Err(Fault::NoSet(name.clone())),
            },
            // The kernel does not ask for the way back to itself (`nft_fib_is_loopback`).
            Match::NoWayBack(_) if self.packet.way.input().is_some_and(InterfaceName::is_loopback) => {
                Asked::surely(false)
            }
            Match::NoWayBack(check) => match self.circumstances.way_back {
                Some(way_back) => Asked::surely(way_back.is_missing(*check)),
                None => Asked {
                    met: false,
                    assumed: vec![Assumption::WayBack(*check)],
                },
            },
            Match::Marked { mask, value } => Asked::surely(self.packet.mark & mask == *value),
            Match::Within(limit) => Asked {
                met: true,
                assumed: vec![Assumption::WithinLimit(*limit, evidence)],
            },
            Match::Exceeds(meter) if !self.has(meter.key) => Asked::surely(false),
            Match::Exceeds(meter) => {
                self.trace.metered.push(meter);
                match &self.circumstances.limits {
                    Limits::UsedUp => Asked::surely(true),
                    Limits::UsedUpIn(sets) => Asked::surely(sets.contains(&meter.set)),
                    Limits::Unknown => Asked {
                        met: false,
                        assumed: vec![Assumption::UnderLimit(meter, evidence)],
                    },
                }
            }
        })
    }

    /// Whether a field has one of the values. One that is not known is assumed to have none of them.
    fn has_one_of(&self, selector: Selector, values: impl IntoIterator<Item = &'r Value>) -> Result<Asked<'r>, Fault> {
        let mut assumed = Vec::new();
        for value in values {
            match compare(self.packet, selector, value)? {
                Comparison::Equal => return Ok(Asked::surely(true)),
                Comparison::Other => {}
                Comparison::Absent => return Ok(Asked::surely(false)),
                Comparison::Unknown => assumed.push(Assumption::Not(selector, value)),
            }
        }
        Ok(Asked { met: false, assumed })
    }

    /// What a map has for the packet; `None` where the packet lacks a field of the key, so that the map is not asked.
    pub(super) fn look_up(&mut self, lookup: &'r Lookup) -> Result<Option<Found<'r>>, Fault> {
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
            self.assume(unknown);
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

    fn is_tcp(&self) -> bool {
        matches!(
            self.packet.payload,
            Payload::Ports {
                transport: Transport::Tcp,
                ..
            }
        )
    }

    fn assume(&mut self, assumptions: impl IntoIterator<Item = Assumption<'r>>) {
        for assumption in assumptions {
            if !self.trace.assumed.contains(&assumption) {
                self.trace.assumed.push(assumption);
            }
        }
    }
}
