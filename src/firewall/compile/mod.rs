//! Zones in, ruleset out.
//!
//! # Who is in which zone
//! A packet belongs to the zone of the interface that it comes in by, narrowed by its source address where zones name
//! source prefixes. **The most exact interface wins** (a whole name before a pattern, a longer pattern before a shorter
//! one), and **inside an interface the longest prefix wins**; the zone that has the interface without a prefix takes the
//! rest. An interface that is in no zone belongs to nobody and meets the default policy alone.
//!
//! # What it costs
//! Interfaces, source prefixes and ports are looked up in maps, so the number of rules that a packet meets does not grow
//! with zones, prefixes or services. Patterns of interfaces (`br-*`) are the exception: nft has no map of patterns, so
//! each of them is a rule of its own, asked after the map.
//!
//! # What is decided where
//! - `prerouting`: nobody but the tailnet interface brings tailnet addresses, nobody on a WAN has addresses that are not on
//!   the internet, and there is a way back to every source. All of that is
//!   asked of every packet, also of those that claim to belong to a connection: somebody on the local network could
//!   otherwise slip packets into a connection of the tunnel.
//! - `input`: connections under way (counted on their way by zone and port where the profile has `accounting`; see the module
//!   [`accounts`]), the limit of new connections per source, the zones, and last, in the chain `admit`, ICMP by type and what the
//!   host's own network needs (DHCP, WireGuard). None of these is limited like the rest, so `admit` is asked first where
//!   anything is. A zone with a limit of its own is not asked for the common one; a service's
//!   limit is asked besides, of what the zone lets through. Where a zone has a limit of its own, every zone asks its limit
//!   in its own chain.
//! - `forward`: only what the profile speaks of; see the module [`forward`].
//! - `postrouting`: masquerading, where tailscaled leaves it to others; see the module [`postrouting`].
//! - `output`: only where a zone says what the host itself may reach in it; see the module [`output`].
//!
//! With nftables every base chain on a hook decides for itself: a drop is final, an accept holds in its own table alone.
//! So this table neither relies on what tailscaled, Docker or libvirt accept, nor can it open what they close.

mod accounts;
mod bogons;
mod closed;
mod disjoint_ports;
mod dispatch;
mod forward;
mod input;
mod limits;
mod longest_prefix;
mod names;
mod output;
mod passage;
mod ports;
mod postrouting;
mod prerouting;
mod refuse;
mod routes;
mod targets;

pub use closed::{CLOSED, closed};

use super::ruleset::{Evidence, Flowtable, Rule, Ruleset, Table, Verdict};
use crate::model::{DefaultPolicy, FieldPath, FirewallZones, Host, Zone};

/// The ruleset of a host; `None` where it has no zone firewall.
///
/// Every host of the model compiles, also one that a check refuses: names that nobody knows open nothing, and of two zones
/// that claim the same packets the one with the lower name has them.
pub fn compile(host: &Host) -> Option<Ruleset> {
    let zones = host.zones.as_ref()?;
    let mut compiler = Compiler {
        host,
        zones,
        table: Table::new(names::table()),
    };
    compiler.prerouting();
    compiler.input();
    compiler.forward();
    compiler.output();
    compiler.postrouting();
    compiler.refused();
    Some(compiler.finished())
}

/// The flow table of a host; `None` where the profile asks for none.
pub fn flowtable(host: &Host) -> Option<Flowtable> {
    let devices = &host.zones.as_ref()?.flowtable;
    (!devices.is_empty()).then(|| Flowtable {
        devices: devices.clone(),
    })
}

/// A host, and the table that it has so far.
struct Compiler<'a> {
    host: &'a Host,
    zones: &'a FirewallZones,
    table: Table,
}

impl Compiler<'_> {
    /// The table as it is now, without what no packet can reach.
    fn finished(mut self) -> Ruleset {
        self.table.prune();
        // The kernel's ways in come first, for the reader.
        self.table.chains.sort_by_key(|chain| chain.base.is_none());
        Ruleset { table: self.table }
    }

    /// What happens to new connections that no zone admits; `zone` is where they come from.
    fn policy(&self, zone: Option<&Zone>) -> Verdict {
        match self.zones.default_policy {
            DefaultPolicy::Accept => Verdict::Accept,
            DefaultPolicy::Drop | DefaultPolicy::Reject => Verdict::Goto(refuse::chain(zone)),
        }
    }

    /// The last rule of a chain in which nobody admitted a packet.
    fn otherwise(&self, zone: Option<&Zone>) -> Rule {
        let evidence = match self.zones.default_policy {
            DefaultPolicy::Accept => self.policy_evidence(),
            // The chain that it leads to says so.
            DefaultPolicy::Drop | DefaultPolicy::Reject => Evidence::default(),
        };
        Rule::new(self.policy(zone), evidence)
    }

    /// The evidence of [`policy`](Self::policy).
    fn policy_evidence(&self) -> Evidence {
        Evidence::of("default policy", self.field("defaultPolicy"))
    }

    /// A field of the group of the zones.
    fn field(&self, name: &str) -> FieldPath {
        self.host.field("network.security.firewall-zones").name(name)
    }

    /// A field of the tailscale group.
    fn tailscale_field(&self, name: &str) -> FieldPath {
        self.host.field("network.vpn.tailscale").name(name)
    }
}

#[cfg(test)]
mod tests;
