//! What passes through the host.
//!
//! # Whose packets these are
//! A host forwards for others: Docker for its containers, libvirt for its machines, tailscaled for the tailnet. A chain
//! that drops by policy would cut off all of those that no zone was ever written for, because a drop is final whatever
//! Docker's own chains accept. So the chain's policy is accept, and this table decides only what the profile speaks of:
//!
//! 1. Between members of one zone nothing is decided.
//! 2. Nothing passes between a zone with `denyInterzone` and anything outside it.
//! 3. A zone's connections pass to the zones of its `forwardTo`.
//! 4. Where the host is a subnet router or an exit node, connections from the tailnet interface pass by the
//!    [routes](super::routes), and nowhere else.
//! 5. A zone with a `forwardTo` speaks of all its forwarding: everything else of it meets the default policy.
//! 6. Where the host forwards for the tailnet, a zone's connections *to* the tailnet meet the default policy. Interfaces
//!    that are in no zone (containers that ask 100.100.100.100 for names) are left alone.
//! 7. Everything else is left alone. A host whose profile says nothing of forwarding has no such chain at all.
//!
//! A zone that says what may be reached in it (`forwardedTCPPorts` and its like) narrows whatever the above lets into it
//! from outside. Ports are those of the destination as it is after address translation: a container's, not the
//! published one.
//!
//! Masquerading is tailscaled's work; nothing is rendered for it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::dispatch::{End, Entry, by_address, dispatch};
use super::input::connections;
use super::passage::{Passage, Side, left_alone};
use super::ports::Ports;
use super::{Compiler, names};
use crate::firewall::ruleset::{Base, Chain, ChainPolicy, Evidence, Hook, Name, Priority, Rule, Verdict};
use crate::model::{Zone, ZoneMember, known_service};
use crate::net::{InterfaceName, Transport, ZoneName};

/// Someone in a zone. Where the tailnet interface matters by itself, a pattern that means it also stands for it alone.
struct Member<'a> {
    zone: &'a Zone,
    member: ZoneMember,
}

impl<'a> Compiler<'a> {
    /// The chain `forward` and what it leads to, where the profile speaks of forwarding.
    pub(super) fn forward(&mut self) {
        if self.router().is_none() && !self.zones.zones.values().any(speaks) {
            return;
        }
        let members = self.members();
        let other = self.way(Side::OUTSIDE, &members, names::forward_other());
        let mut rules = vec![connections(Verdict::Drop)];
        rules.extend(self.by_source(&members, &other));
        let evidence = match other {
            Verdict::Accept => left_alone(),
            _ => Evidence::default(),
        };
        rules.push(Rule::new(other, evidence));
        self.table.chains.push(Chain {
            name: names::forward(),
            base: Some(Base {
                hook: Hook::Forward,
                priority: Priority::Filter,
                policy: ChainPolicy::Accept,
            }),
            rules,
        });
        self.routes();
        for zone in self.zones.zones.values() {
            self.narrowed(zone, &names::into(), &Verdict::Accept);
            self.narrowed(zone, &names::routed(), &Verdict::Goto(names::routes()));
        }
    }

    /// The tailnet interface, where the host forwards for the tailnet.
    fn router(&self) -> Option<&'a InterfaceName> {
        let tailscale = self.host.tailscale.as_ref()?;
        tailscale.forwards().then_some(&tailscale.interface)
    }

    /// Who is in which zone.
    fn members(&self) -> Vec<Member<'a>> {
        let zones = self.zones.zones.values();
        let mut all: Vec<_> = zones
            .flat_map(|zone| zone.members.iter().map(move |member| (zone, member.clone())))
            .map(|(zone, member)| Member { zone, member })
            .collect();
        let Some(tailnet) = self.router() else {
            return all;
        };
        let mut patterns: Vec<_> = all
            .iter()
            .filter(|Member { member, .. }| member.interface.exact().is_none() && member.interface.matches(tailnet))
            .map(|Member { zone, member }| (*zone, member.clone()))
            .collect();
        patterns.sort_by_key(|(_, member)| Reverse(member.interface.starts_with().map(str::len)));
        for (zone, mut member) in patterns {
            let is_taken = |other: &Member<'_>| {
                let covers = match (other.member.prefix, member.prefix) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(outer), Some(inner)) => outer.covers(&inner),
                };
                covers && other.member.interface.exact() == Some(tailnet)
            };
            if !all.iter().any(is_taken) {
                member.interface = tailnet.clone().into();
                all.push(Member { zone, member });
            }
        }
        all
    }

    /// The rules that lead a packet to the way of where it comes from; `other` is the way from outside all zones.
    fn by_source(&mut self, members: &[Member<'a>], other: &Verdict) -> Vec<Rule> {
        let router = self.router();
        let plain = match router {
            Some(_) => self.way(Side::PLAIN, members, names::forward_silent()),
            None => other.clone(),
        };
        let from_tailnet = router.map(|tailnet| (tailnet, self.tailnet_way(tailnet, members)));
        let ways = self.ways(members, &names::forward_zone(), &plain, false);
        let mut entries: Vec<_> = members
            .iter()
            .filter(|Member { member, .. }| router.is_none() || member.interface.exact() != router)
            .map(|Member { zone, member }| entry(member, ways.get(&zone.name).unwrap_or(&plain).clone()))
            .collect();
        entries.extend(from_tailnet.map(|(tailnet, verdict)| Entry {
            interface: tailnet.clone().into(),
            prefix: None,
            verdict,
            evidence: Evidence::note("the tailnet"),
        }));
        let entries = telling(entries, other);
        dispatch(&mut self.table, End::Source, &names::forward_from(), entries)
    }

    /// The way of connections from the tailnet.
    fn tailnet_way(&mut self, tailnet: &InterfaceName, members: &[Member<'a>]) -> Verdict {
        let plain = Side {
            tailnet: true,
            ..Side::PLAIN
        };
        let plain = self.way(plain, members, names::forward_tailnet());
        let ways = self.ways(members, &names::forward_peer(), &plain, true);
        let mut peers: Vec<_> = members
            .iter()
            .filter(|Member { member, .. }| member.interface.exact() == Some(tailnet))
            .map(|Member { zone, member }| entry(member, ways.get(&zone.name).unwrap_or(&plain).clone()))
            .collect();
        peers.push(Entry {
            interface: tailnet.clone().into(),
            prefix: None,
            verdict: plain,
            evidence: Evidence::default(),
        });
        by_address(&mut self.table, End::Source, names::forward_peers(), &peers).0
    }

    /// The ways from the zones that say something of forwarding; the others have `plain` in common.
    fn ways(
        &mut self,
        members: &[Member<'a>],
        name: &Name,
        plain: &Verdict,
        tailnet: bool,
    ) -> BTreeMap<&'a ZoneName, Verdict> {
        let zones = self.zones;
        let speaking = zones.zones.values().filter(|zone| speaks(zone));
        speaking
            .map(|zone| {
                let side = Side {
                    zone: Some(zone),
                    tailnet,
                    ..Side::PLAIN
                };
                let name = name.zone(&zone.name);
                let way = if zone.deny_interzone || !zone.forward_to.is_empty() {
                    self.way(side, members, name)
                } else {
                    self.way_around(zone, side, members, name, plain)
                };
                (&zone.name, way)
            })
            .collect()
    }

    /// The way from a zone that only narrows what comes into it: `plain`, but for the zone's own interfaces.
    fn way_around(
        &mut self,
        zone: &Zone,
        from: Side<'_>,
        members: &[Member<'a>],
        name: Name,
        plain: &Verdict,
    ) -> Verdict {
        let mut entries = self.destinations(from, members);
        // Its interfaces with the patterns that mean them too, and then all that these patterns mean.
        let near: Vec<_> = entries
            .iter()
            .map(|entry| entry.interface.clone())
            .filter(|other| zone.members.iter().any(|member| member.interface.overlaps(other)))
            .collect();
        entries.retain(|entry| near.iter().any(|other| other.overlaps(&entry.interface)));
        if entries.is_empty() {
            return plain.clone();
        }
        let mut rules = dispatch(&mut self.table, End::Destination, &name, entries);
        rules.push(Rule::new(plain.clone(), Evidence::default()));
        self.table.chains.push(Chain::new(name.clone(), rules));
        Verdict::Goto(name)
    }

    /// What happens to connections from one side, by where they go: a chain, or a verdict where it is the same everywhere.
    fn way(&mut self, from: Side<'_>, members: &[Member<'a>], name: Name) -> Verdict {
        let (otherwise, why) = self.onward(from, Side::OUTSIDE);
        let entries = telling(self.destinations(from, members), &otherwise);
        if entries.is_empty() {
            return otherwise;
        }
        let mut rules = dispatch(&mut self.table, End::Destination, &name, entries);
        rules.push(Rule::new(otherwise, why));
        self.table.chains.push(Chain::new(name.clone(), rules));
        Verdict::Goto(name)
    }

    /// What happens to connections from one side to each member of a zone and to the tailnet.
    fn destinations(&self, from: Side<'_>, members: &[Member<'a>]) -> Vec<Entry> {
        let router = self.router();
        let mut entries: Vec<_> = members
            .iter()
            .map(|Member { zone, member }| {
                let to = Side {
                    zone: Some(zone),
                    tailnet: router.is_some() && member.interface.exact() == router,
                    ..Side::PLAIN
                };
                let (verdict, evidence) = self.onward(from, to);
                Entry {
                    evidence,
                    ..entry(member, verdict)
                }
            })
            .collect();
        if let Some(tailnet) = router {
            let to = Side {
                tailnet: true,
                ..Side::OUTSIDE
            };
            let (verdict, evidence) = self.onward(from, to);
            // Last: where a zone has the whole interface, that zone's entry counts.
            entries.push(Entry {
                interface: tailnet.clone().into(),
                prefix: None,
                verdict,
                evidence,
            });
        }
        entries
    }

    /// The verdict for connections between two sides.
    fn onward(&self, from: Side<'_>, to: Side<'_>) -> (Verdict, Evidence) {
        let narrowed = to
            .zone
            .filter(|zone| zone.forwarded.is_some() && !from.is_same_zone(&to));
        let into = |name: Name, zone: &Zone| Verdict::Goto(name.zone(&zone.name));
        match (Passage::between(self.zones, from, to), narrowed) {
            (Passage::Closed(evidence), _) => (Verdict::Goto(names::refused()), evidence),
            (Passage::Open(evidence), None) => (Verdict::Accept, evidence),
            (Passage::Open(evidence), Some(zone)) => {
                let said = if evidence == left_alone() {
                    Evidence::of("narrowed", zone.origin.clone())
                } else {
                    evidence
                };
                (into(names::into(), zone), said)
            }
            (Passage::ByRoute(evidence), None) => (Verdict::Goto(names::routes()), evidence),
            (Passage::ByRoute(evidence), Some(zone)) => (into(names::routed(), zone), evidence),
        }
    }

    /// The chain that lets connections into a zone only to the ports that it names, on to `verdict`.
    fn narrowed(&mut self, zone: &Zone, name: &Name, verdict: &Verdict) {
        let Some(forwarded) = &zone.forwarded else {
            return;
        };
        let mut ports = Ports::default();
        ports.list(Transport::Tcp, &forwarded.tcp, &zone.field("forwardedTCPPorts"));
        ports.list(Transport::Udp, &forwarded.udp, &zone.field("forwardedUDPPorts"));
        for service in &forwarded.services {
            // The hosts behind the interface offer them, so this host's own proxy has no say.
            let known = known_service::known(service.name.as_str());
            ports.service(service, known.map(known_service::KnownService::ports));
        }
        let name = name.zone(&zone.name);
        let mut rules = Vec::new();
        if let Some((map, ask)) = ports.map(name.clone(), verdict) {
            self.table.maps.push(map);
            rules.push(ask);
        }
        let evidence = Evidence::of("nothing else in the zone", zone.origin.clone());
        rules.push(Rule::new(Verdict::Goto(names::refused()), evidence));
        self.table.chains.push(Chain::new(name, rules));
    }
}

/// Whether a zone says something of forwarding, so that its way is its own.
fn speaks(zone: &Zone) -> bool {
    zone.deny_interzone || !zone.forward_to.is_empty() || zone.forwarded.is_some()
}

fn entry(member: &ZoneMember, verdict: Verdict) -> Entry {
    Entry {
        interface: member.interface.clone(),
        prefix: member.prefix,
        verdict,
        evidence: Evidence::of("", member.origin.clone()),
    }
}

/// The entries without interfaces of which nothing is said but what holds `otherwise` too. With patterns among them all
/// are kept: one that says nothing may stand before one that does.
fn telling(entries: Vec<Entry>, otherwise: &Verdict) -> Vec<Entry> {
    if entries.iter().any(|entry| entry.interface.exact().is_none()) {
        let all_alike = entries.iter().all(|entry| entry.verdict == *otherwise);
        return if all_alike { Vec::new() } else { entries };
    }
    let mut telling: BTreeMap<_, bool> = BTreeMap::new();
    for entry in &entries {
        *telling.entry(entry.interface.clone()).or_default() |= entry.verdict != *otherwise;
    }
    let tells = |entry: &Entry| telling.get(&entry.interface).copied().unwrap_or_default();
    entries.into_iter().filter(tells).collect()
}
