//! Limits: how often a source may ask, how often a line is logged.

use super::Compiler;
use crate::firewall::ruleset::{Family, Limit, Match, Meter, MeterKey, Name, Rule, Set, SetContent, Tally};
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

/// Lines in the log, for all sources together.
pub(super) fn log_lines() -> Limit {
    Limit::new(PacketRate::constant(5, PacketUnit::Second), 20)
}

impl Compiler<'_> {
    /// The condition that a packet's source has gone over `limit`, with a set of buckets called `name` for it.
    pub(super) fn meter(&mut self, name: Name, key: MeterKey, limit: Limit) -> Match {
        // A source that was forgotten has a full bucket again: no earlier than it would have filled by itself.
        let timeout = limit.refill().clamp(SHORTEST, LONGEST);
        self.table.sets.push(Set {
            name: name.clone(),
            content: SetContent::Buckets {
                key,
                size: SOURCES,
                timeout: u32::try_from(timeout).unwrap_or(u32::MAX),
            },
        });
        Match::Exceeds(Meter { set: name, key, limit })
    }

    /// Rules that count packets for their source, in sets called `name`, and the sets.
    pub(super) fn tallies(&mut self, name: &Name) -> Vec<Rule> {
        let keys = [(Family::Ipv4, MeterKey::V4Address), (Family::Ipv6, MeterKey::V6Subnet)];
        keys.into_iter()
            .map(|(family, key)| {
                let set = name.family(family);
                self.table.sets.push(Set {
                    name: set.clone(),
                    content: SetContent::Buckets {
                        key,
                        size: COUNTED_SOURCES,
                        timeout: COUNTED_FOR,
                    },
                });
                Rule::tallying(Tally { set, key })
            })
            .collect()
    }
}
