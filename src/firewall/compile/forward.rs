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
//! Masquerading is tailscaled's work; see the module [`postrouting`](super::postrouting) for where it leaves that.

use std::collections::BTreeMap;

use super::dispatch::{End, by_address, dispatch};
use super::input::connections;
use super::passage::{Passage, Side, Why};
use super::ports::Ports;
use super::targets::{Member, Members, Target, telling};
use super::{Compiler, names};
use crate::firewall::ruleset::{Base, Chain, ChainPolicy, Evidence, Hook, Name, Priority, Rule, Verdict};
use crate::model::{Zone, ZoneLog, known_service};
use crate::net::{InterfacePattern, Transport, ZoneName};

impl<'a> Compiler<'a> {
    /// The chain `forward` and what it leads to, where the profile speaks of forwarding.
    pub(super) fn forward(&mut self) {
        let tailscale = self.host.tailscale.as_ref();
        let router = tailscale.filter(|tailscale| tailscale.forwards());
        if router.is_none() && !self.zones.zones.values().any(speaks) {
            return;
        }
        let members = Members::of(self.zones, router.map(|tailscale| &tailscale.interface));
        let other = self.way(Side::OUTSIDE, &members, names::forward_other());
        let mut rules: Vec<Rule> = connections(Verdict::Accept, Verdict::Drop).into();
        rules.extend(self.by_source(&members, &other));
        let why = match other {
            Verdict::Accept => Why::LeftAlone,
            _ => Why::Silent,
        };
        rules.push(Rule::new(other, why.evidence()));
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

    /// The rules that lead a packet to the way of where it comes from; `other` is the way from outside all zones.
    fn by_source(&mut self, members: &Members<'a>, other: &Verdict) -> Vec<Rule> {
        let plain = match members.tailnet {
            Some(_) => self.way(Side::PLAIN, members, names::forward_silent()),
            None => other.clone(),
        };
        let tailnet = members.tailnet.as_ref();
        let tailnet = tailnet.map(|tailnet| Target::whole(tailnet, self.tailnet_way(tailnet, members), Why::Tailnet));
        let ways = self.ways(members, &names::forward_zone(), &plain, false);
        let own = members
            .all
            .iter()
            .filter(|Member { member, .. }| !members.is_tailnet(member));
        let mut targets: Vec<_> = own.map(|member| source(member, &ways, &plain)).collect();
        targets.extend(tailnet);
        let entries = telling(targets, other).into_iter().map(Target::entry).collect();
        dispatch(&mut self.table, End::Source, &names::forward_from(), entries)
    }

    /// The way of connections from the tailnet.
    fn tailnet_way(&mut self, tailnet: &InterfacePattern, members: &Members<'a>) -> Verdict {
        let plain = self.way(Side::PLAIN.on_tailnet(true), members, names::forward_tailnet());
        let ways = self.ways(members, &names::forward_peer(), &plain, true);
        let peers = members
            .all
            .iter()
            .filter(|Member { member, .. }| members.is_tailnet(member));
        let mut targets: Vec<_> = peers.map(|member| source(member, &ways, &plain)).collect();
        targets.push(Target::whole(tailnet, plain.clone(), Why::Silent));
        let entries: Vec<_> = targets.into_iter().map(Target::entry).collect();
        by_address(&mut self.table, End::Source, names::forward_peers(), &entries).0
    }

    /// The ways from the zones that say something of forwarding, and have members on the tailnet interface or on others;
    /// the rest has `plain` in common.
    fn ways(
        &mut self,
        members: &Members<'a>,
        name: &Name,
        plain: &Verdict,
        tailnet: bool,
    ) -> BTreeMap<&'a ZoneName, Verdict> {
        let mut ways = BTreeMap::new();
        for Member { zone, member } in &members.all {
            if members.is_tailnet(member) != tailnet || !(speaks(zone) || logs(zone)) || ways.contains_key(&zone.name) {
                continue;
            }
            let side = Side::of(zone).on_tailnet(tailnet);
            let name = name.zone(&zone.name);
            let way = if zone.deny_interzone || !zone.forward_to.is_empty() || logs(zone) {
                self.way(side, members, name)
            } else {
                self.way_around(zone, side, members, name, plain)
            };
            ways.insert(&zone.name, way);
        }
        ways
    }

    /// What happens to connections from one side, by where they go: a chain, or a verdict where it is the same everywhere.
    fn way(&mut self, from: Side<'_>, members: &Members<'_>, name: Name) -> Verdict {
        let (otherwise, why) = self.onward(from, Side::OUTSIDE);
        let targets = telling(self.destinations(from, members), &otherwise);
        self.by_destination(targets, name, otherwise, why)
    }

    /// The way from a zone that only narrows what comes into it: `plain`, but for the zone's own interfaces.
    fn way_around(
        &mut self,
        zone: &Zone,
        from: Side<'_>,
        members: &Members<'_>,
        name: Name,
        plain: &Verdict,
    ) -> Verdict {
        let mut targets = self.destinations(from, members);
        // Its interfaces with the patterns that mean them too, and then all that these patterns mean.
        let near: Vec<_> = targets
            .iter()
            .map(|target| target.interface)
            .filter(|other| zone.members.iter().any(|member| member.interface.overlaps(other)))
            .collect();
        targets.retain(|target| near.iter().any(|other| other.overlaps(target.interface)));
        self.by_destination(targets, name, plain.clone(), Why::Silent)
    }

    /// The chain `name` that asks where a packet goes; `otherwise` itself where there is nothing to ask.
    fn by_destination(&mut self, targets: Vec<Target<'_>>, name: Name, otherwise: Verdict, why: Why<'_>) -> Verdict {
        if targets.is_empty() {
            return otherwise;
        }
        let entries = targets.into_iter().map(Target::entry).collect();
        let mut rules = dispatch(&mut self.table, End::Destination, &name, entries);
        rules.push(Rule::new(otherwise, why.evidence()));
        self.table.chains.push(Chain::new(name.clone(), rules));
        Verdict::Goto(name)
    }

    /// What happens to connections from one side to each member of a zone and to the tailnet.
    fn destinations<'m>(&self, from: Side<'m>, members: &'m Members<'_>) -> Vec<Target<'m>> {
        let own = members.all.iter().map(|Member { zone, member }| {
            let to = Side::of(zone).on_tailnet(members.is_tailnet(member));
            let (verdict, why) = self.onward(from, to);
            Target::of(member, verdict, why)
        });
        // Last: where a zone has the whole interface, that zone's target counts.
        let tailnet = members.tailnet.iter().map(|tailnet| {
            let (verdict, why) = self.onward(from, Side::OUTSIDE.on_tailnet(true));
            Target::whole(tailnet, verdict, why)
        });
        own.chain(tailnet).collect()
    }

    /// The verdict for connections between two sides.
    fn onward<'z>(&self, from: Side<'z>, to: Side<'z>) -> (Verdict, Why<'z>) {
        let narrows = |zone: &&Zone| zone.forwarded.is_some() && !from.is_same_zone(&to);
        let into = |name: Name, zone: &Zone| Verdict::Goto(name.zone(&zone.name));
        match (Passage::between(self.zones, from, to), to.zone.filter(narrows)) {
            (Passage::Closed(why), _) => (Verdict::Goto(self.unforwarded(from.zone)), why),
            (Passage::Open(why), None) => (Verdict::Accept, why),
            (Passage::Open(Why::LeftAlone), Some(zone)) => (into(names::into(), zone), Why::Narrowed(zone)),
            (Passage::Open(why), Some(zone)) => (into(names::into(), zone), why),
            (Passage::ByRoute, None) => (Verdict::Goto(names::routes()), Why::ByRoute),
            (Passage::ByRoute, Some(zone)) => (into(names::routed(), zone), Why::ByRoute),
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
        let mut rules = ports.maps(&mut self.table, &name, verdict, false);
        let evidence = Evidence::of("nothing else in the zone", zone.origin.clone());
        rules.push(Rule::new(Verdict::Goto(self.unforwarded(None)), evidence));
        self.table.chains.push(Chain::new(name, rules));
    }
}

/// Whether a zone says something of forwarding.
fn speaks(zone: &Zone) -> bool {
    zone.deny_interzone || !zone.forward_to.is_empty() || zone.forwarded.is_some()
}

/// Whether what a zone is refused is logged otherwise than elsewhere, so that its way is its own.
fn logs(zone: &Zone) -> bool {
    zone.log != ZoneLog::Common
}

/// The way of packets from a member of a zone.
fn source<'m>(member: &'m Member<'_>, ways: &BTreeMap<&ZoneName, Verdict>, plain: &Verdict) -> Target<'m> {
    let Member { zone, member } = member;
    let way = ways.get(&zone.name).unwrap_or(plain);
    Target::of(member, way.clone(), Why::Line(&member.origin))
}
