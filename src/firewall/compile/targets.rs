//! Members of zones with what happens to their packets.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::dispatch::Entry;
use super::passage::Why;
use crate::firewall::ruleset::Verdict;
use crate::model::{FirewallZones, Zone, ZoneMember};
use crate::net::{InterfaceName, InterfacePattern, Prefix};

/// Who is in which zone.
pub(super) struct Members<'a> {
    /// Everybody. Where the tailnet interface matters by itself, a pattern that means it also stands for it alone.
    pub(super) all: Vec<Member<'a>>,
    /// The tailnet interface, where the host forwards for the tailnet.
    pub(super) tailnet: Option<InterfacePattern>,
}

/// Someone in a zone.
pub(super) struct Member<'a> {
    pub(super) zone: &'a Zone,
    pub(super) member: ZoneMember,
}

impl<'a> Members<'a> {
    /// The members of all zones; `tailnet` is the tailnet interface where the host forwards for the tailnet.
    pub(super) fn of(zones: &'a FirewallZones, tailnet: Option<&InterfaceName>) -> Self {
        let mut members = Self {
            all: Vec::new(),
            tailnet: tailnet.cloned().map(InterfacePattern::from),
        };
        for zone in zones.zones.values() {
            let own = zone.members.iter().cloned();
            members.all.extend(own.map(|member| Member { zone, member }));
        }
        if let Some(tailnet) = tailnet {
            members.name(tailnet);
        }
        members
    }

    /// Whether this is the tailnet interface of a host that forwards for the tailnet.
    pub(super) fn is_tailnet(&self, member: &ZoneMember) -> bool {
        self.tailnet.as_ref() == Some(&member.interface)
    }

    /// Gives those who are in a zone by a pattern that means `tailnet` a place of their own on it, as far as nobody has
    /// that place by the interface's name or a longer pattern.
    fn name(&mut self, tailnet: &InterfaceName) {
        let length = |member: &ZoneMember| member.interface.starts_with().map(str::len);
        let mut patterns: Vec<_> = self
            .all
            .iter()
            .filter(|Member { member, .. }| length(member).is_some() && member.interface.matches(tailnet))
            .map(|Member { zone, member }| (*zone, member.clone()))
            .collect();
        patterns.sort_by_key(|(_, member)| Reverse(length(member)));
        for level in patterns.chunk_by(|(_, one), (_, other)| length(one) == length(other)) {
            let here = self.all.iter().map(|other| &other.member);
            let here = here.filter(|other| other.interface.exact() == Some(tailnet));
            let taken: Vec<_> = here.map(|other| other.prefix).collect();
            for (zone, member) in level {
                if !taken.iter().any(|outer| is_inside(member.prefix, *outer)) {
                    let mut member = member.clone();
                    member.interface = tailnet.clone().into();
                    self.all.push(Member { zone, member });
                }
            }
        }
    }
}

/// Whether everything of `inner` is in `outer`; no prefix is every address.
fn is_inside(inner: Option<Prefix>, outer: Option<Prefix>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(outer), Some(inner)) => outer.covers(&inner),
        (Some(_), None) => false,
    }
}

/// A place, what happens to its packets, and why.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    pub(super) interface: &'a InterfacePattern,
    pub(super) prefix: Option<Prefix>,
    pub(super) verdict: Verdict,
    pub(super) why: Why<'a>,
}

impl<'a> Target<'a> {
    /// The place of a member of a zone.
    pub(super) fn of(member: &'a ZoneMember, verdict: Verdict, why: Why<'a>) -> Self {
        Self {
            interface: &member.interface,
            prefix: member.prefix,
            verdict,
            why,
        }
    }

    /// A whole interface.
    pub(super) fn whole(interface: &'a InterfacePattern, verdict: Verdict, why: Why<'a>) -> Self {
        Self {
            interface,
            prefix: None,
            verdict,
            why,
        }
    }

    /// The same for a dispatcher.
    pub(super) fn entry(self) -> Entry {
        Entry {
            interface: self.interface.clone(),
            prefix: self.prefix,
            verdict: self.verdict,
            evidence: self.why.evidence(),
        }
    }
}

/// The targets without those that only repeat `otherwise`, but for the ones that stand inside of what says something else.
/// With patterns among them all are kept: one that repeats it may stand before one that does not.
pub(super) fn telling<'a>(targets: Vec<Target<'a>>, otherwise: &Verdict) -> Vec<Target<'a>> {
    if targets.iter().any(|target| target.interface.exact().is_none()) {
        let all_alike = targets.iter().all(|target| target.verdict == *otherwise);
        return if all_alike { Vec::new() } else { targets };
    }
    let mut telling: BTreeMap<_, Vec<Option<Prefix>>> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.verdict != *otherwise) {
        telling.entry(target.interface).or_default().push(target.prefix);
    }
    let tells = |target: &Target<'_>| {
        let mut around = telling.get(target.interface).into_iter().flatten();
        target.verdict != *otherwise || around.any(|outer| is_inside(target.prefix, *outer))
    };
    targets.into_iter().filter(tells).collect()
}
