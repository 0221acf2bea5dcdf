//! Limits: how often a source may ask, how often a line is logged.

use super::{Compiler, names};
use crate::firewall::ruleset::{
    Chain, Evidence, Family, Limit, Match, Meter, MeterKey, Name, Rule, Set, SetContent, Tally, Verdict,
};
use crate::model::{RateLimit, ServiceLimit, Zone, ZoneLimit};
use crate::net::{PacketRate, PacketUnit};

/// Sources that a limit remembers per address family, about 10 MB of them. Above that further sources are not limited: a
/// flood from forged addresses must not shut everybody out.
const SOURCES: u32 = 65_535;

/// Shortest time in seconds until a source is forgotten.
const SHORTEST: u64 = 60;

/// Longest time in seconds until a source is forgotten: 30 days.
const LONGEST: u64 = 30 * 86_400;

/// Sources per address family whose dropped packets are counted, about 1 MB of them. It is for people to read: further
/// sources are dropped uncounted.
const COUNTED_SOURCES: u32 = 4_096;

/// Seconds after its last dropped packet until a source is forgotten.
const COUNTED_FOR: u32 = 600;

/// Pings per source: ten times what `ping -i 0.2` sends.
pub(super) fn echo() -> Limit {
    Limit::new(PacketRate::constant(50, PacketUnit::Second), 100)
}

impl From<RateLimit> for Limit {
    fn from(limit: RateLimit) -> Self {
        Self::new(limit.rate, limit.burst)
    }
}

impl Compiler<'_> {
    /// Whether all zones have the common limit of new connections, so that it can be asked before the zones are.
    pub(super) fn is_limit_common(&self) -> bool {
        let mut zones = self.zones.zones.values();
        zones.all(|zone| zone.limit == ZoneLimit::Common)
    }

    /// Whether anything is limited that comes to the host, beside pings.
    pub(super) fn is_limited(&self) -> bool {
        let has_own = |zone: &Zone| matches!(zone.limit, ZoneLimit::Own(_)) || !zone.service_limits.is_empty();
        self.zones.rate_limiting || self.zones.zones.values().any(has_own)
    }

    /// The common limit: rules that drop the new connections above it.
    pub(super) fn common_limit(&mut self) -> Vec<Rule> {
        if !self.zones.rate_limiting {
            return Vec::new();
        }
        let limit = Limit::new(self.zones.rate_limit, self.zones.rate_limit_burst);
        let evidence = Evidence::of("new connections of one source", self.field("rateLimit"));
        self.limited_sources([names::new_v4(), names::new_v6()], limit, &evidence)
    }

    /// The limit of new connections from a zone: its own in place of the common one.
    pub(super) fn zone_limit(&mut self, zone: &Zone) -> Vec<Rule> {
        match zone.limit {
            ZoneLimit::Common => self.common_limit(),
            ZoneLimit::Off => Vec::new(),
            ZoneLimit::Own(limit) => {
                let buckets = [names::new_v4().zone(&zone.name), names::new_v6().zone(&zone.name)];
                let evidence = Evidence::of("new connections of one source", zone.field("rateLimit"));
                self.limited_sources(buckets, limit.into(), &evidence)
            }
        }
    }

    /// The chain that admits new connections to a service of a zone up to the service's own limit.
    pub(super) fn service_limit(&mut self, zone: &Zone, limit: &ServiceLimit) -> Name {
        let name = |word: Name| word.zone(&zone.name).service(&limit.service.name);
        let evidence = Evidence::of(
            format!("{} of one source", limit.service.name),
            limit.service.origin.clone(),
        );
        let buckets = [name(names::service_v4()), name(names::service_v6())];
        let mut rules = self.limited_sources(buckets, limit.limit.into(), &evidence);
        rules.push(Rule::new(Verdict::Accept, Evidence::default()));
        self.table.chains.push(Chain::new(name(names::service()), rules));
        name(names::service())
    }

    /// Rules that drop what goes over a limit of its source, with the names of the two sets of buckets.
    fn limited_sources(&mut self, [v4, v6]: [Name; 2], limit: Limit, evidence: &Evidence) -> Vec<Rule> {
        [(v4, MeterKey::V4Address), (v6, MeterKey::V6Subnet)]
            .into_iter()
            .map(|(name, key)| {
                let over = self.meter(name, key, limit);
                Rule::new(Verdict::Goto(names::limited()), evidence.clone())
                    .when(over)
                    .counted()
            })
            .collect()
    }

    /// The condition that a packet's source has gone over `limit`, with a set of buckets called `name` for it.
    pub(super) fn meter(&mut self, name: Name, key: MeterKey, limit: Limit) -> Match {
        // A source that was forgotten has a full bucket again: no earlier than it would have filled by itself.
        let timeout = limit.refill().clamp(SHORTEST, LONGEST);
        let timeout = u32::try_from(timeout).unwrap_or(u32::MAX);
        self.buckets(&name, key, SOURCES, timeout);
        Match::Exceeds(Meter { set: name, key, limit })
    }

    /// Rules that count packets for their source, in sets called `name`, and the sets.
    pub(super) fn tallies(&mut self, name: &Name) -> Vec<Rule> {
        let keys = [(Family::Ipv4, MeterKey::V4Address), (Family::Ipv6, MeterKey::V6Subnet)];
        keys.into_iter()
            .map(|(family, key)| {
                let set = name.family(family);
                self.buckets(&set, key, COUNTED_SOURCES, COUNTED_FOR);
                Rule::tallying(Tally { set, key })
            })
            .collect()
    }

    /// A set that rules fill, unless it is there.
    fn buckets(&mut self, name: &Name, key: MeterKey, size: u32, timeout: u32) {
        if self.table.set(name).is_none() {
            self.table.sets.push(Set {
                name: name.clone(),
                content: SetContent::Buckets { key, size, timeout },
            });
        }
    }
}
