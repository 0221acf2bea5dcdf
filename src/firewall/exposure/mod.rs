//! Who reaches what: every class of packets that a ruleset lets through, with the rule or element that decides and the
//! fields of the profile behind it.
//!
//! The answer is computed from the ruleset itself, over the whole space of interfaces, addresses, protocols and ports:
//! each rule divides the classes of packets that reach it, as in the kernel. It is about **new connections**; answers to
//! what the host itself asked pass anyway. What `prerouting` drops before ([`Exposure::forged`]) stands apart, so that an entry
//! reads as its line of the profile does. Limits per source, and whether the kernel knows a way back to a source, are left
//! to the reader.

mod addresses;
mod answer;
mod class;
mod interfaces;
mod join;
mod ranges;
mod traffic;
mod walk;

pub use addresses::Addresses;
pub use interfaces::Interfaces;
pub(in crate::firewall) use join::joined;
pub use ranges::Ranges;
pub use traffic::{Kind, Traffic};

use std::net::IpAddr;

use super::ruleset::{Evidence, Hook, Ruleset};
use crate::model::Host;
use crate::net::{InterfaceName, Port, Transport, ZoneName};

/// What a ruleset lets through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exposure {
    /// To the host itself, in the order in which the rules decide. What two entries let in, the first one lets in.
    pub admitted: Vec<Reach>,
    /// Through the host; empty where this table does not filter what passes through.
    pub forwarded: Vec<Reach>,
    /// Whether this table filters what passes through.
    pub filters_forwarding: bool,
    /// From the host itself to others; empty where this table does not filter what the host sends.
    pub sent: Vec<Reach>,
    /// Whether this table filters what the host sends.
    pub filters_sending: bool,
    /// What others send is dropped before either, wherever it goes: sources that cannot be true. Nothing of it gets in, though entries
    /// above may name it.
    pub forged: Vec<Reach>,
}

/// A class of packets that one rule or element lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The zone that packets to the host come from, as far as one was asked; without it they may come from everywhere.
    pub zone: Option<ZoneName>,
    /// Where they come in; everywhere for packets from the host itself.
    pub input: Interfaces,
    /// Where they come from.
    pub source: Addresses,
    /// Where they leave; everywhere for packets to the host itself.
    pub output: Interfaces,
    /// Where they go; everywhere for packets to the host itself.
    pub destination: Addresses,
    /// Protocols and ports.
    pub traffic: Traffic,
    /// What lets them through.
    pub evidence: Evidence,
    /// What led them there: why they are in the zone, which line forwards them.
    pub path: Vec<Evidence>,
    /// Further conditions that narrow them, in the words of nft: a source port, a kind of destination.
    pub conditions: Vec<String>,
}

/// One end of a connection: an interface of the host, and the address behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End<'a> {
    /// The interface.
    pub interface: &'a InterfaceName,
    /// The address.
    pub address: IpAddr,
}

impl Exposure {
    /// Whether a new connection from there is dropped as forged, wherever it goes.
    pub fn is_forged(&self, from: End<'_>, transport: Transport, port: Port) -> bool {
        let mut everywhere = self.forged.iter().filter(|reach| reach.destination.is_everything());
        everywhere.any(|reach| reach.begins(from) && reach.traffic.contains(transport, port))
    }

    /// What lets a new connection to the host in; `None` where nothing does.
    pub fn admits(&self, from: End<'_>, transport: Transport, port: Port) -> Option<&Reach> {
        if self.is_forged(from, transport, port) {
            return None;
        }
        let mut certain = self.admitted.iter().filter(|reach| !reach.is_narrowed());
        certain.find(|reach| {
            // Some rules admit what goes to certain addresses alone; which ones the host has is not known here.
            reach.destination.is_everything() && reach.begins(from) && reach.traffic.contains(transport, port)
        })
    }

    /// Whether some new connection to the host by `interface` from any of `sources` is let in to `port`.
    pub fn lets_in(&self, interface: &InterfaceName, sources: &Addresses, transport: Transport, port: Port) -> bool {
        let is_about = |reach: &&Reach| reach.input.contains(interface) && reach.traffic.contains(transport, port);
        let forged = self.forged.iter().filter(is_about);
        let true_ones = sources.without(&Addresses::of_all(forged.flat_map(|reach| reach.source.ranges())));
        self.admitted.iter().any(|reach| {
            let certain = !reach.is_narrowed() && reach.destination.is_everything();
            let here = reach.input.contains(interface) && !reach.source.and(&true_ones).is_empty();
            certain && here && reach.traffic.contains(transport, port)
        })
    }

    /// What lets a new connection through the host pass, where this table filters what passes through.
    pub fn passes(&self, from: End<'_>, to: End<'_>, transport: Transport, port: Port) -> Option<&Reach> {
        if self.is_forged(from, transport, port) {
            return None;
        }
        let mut certain = self.forwarded.iter().filter(|reach| !reach.is_narrowed());
        certain.find(|reach| reach.begins(from) && reach.ends(to) && reach.traffic.contains(transport, port))
    }
}

impl Reach {
    /// Everything that passes a hook, for this reason. What the host says to itself is nobody's business.
    pub(in crate::firewall) fn everything(hook: Hook, evidence: Evidence) -> Self {
        let (input, output) = match hook {
            Hook::Output | Hook::Postrouting => (Interfaces::all(), Interfaces::outside_loopback()),
            Hook::Prerouting | Hook::Input | Hook::Forward => (Interfaces::outside_loopback(), Interfaces::all()),
        };
        Self {
            zone: None,
            input,
            source: Addresses::all(),
            output,
            destination: Addresses::all(),
            traffic: Traffic::all(),
            evidence,
            path: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// Whether further conditions narrow it.
    pub fn is_narrowed(&self) -> bool {
        !self.conditions.is_empty()
    }

    fn begins(&self, from: End<'_>) -> bool {
        self.input.contains(from.interface) && self.source.contains(from.address)
    }

    fn ends(&self, to: End<'_>) -> bool {
        self.output.contains(to.interface) && self.destination.contains(to.address)
    }
}

impl Ruleset {
    /// Who reaches what by these rules.
    pub fn exposure(&self) -> Exposure {
        let forged = walk::walk(&self.table, Hook::Prerouting).dropped;
        // What never gets there is not listed; what is let in but for some of its sources is.
        let arrives = |reach: &Reach| !never_arrives(reach, &forged);
        let passed = |hook| -> Vec<Reach> {
            walk::walk(&self.table, hook)
                .passed
                .into_iter()
                .filter(arrives)
                .collect()
        };
        Exposure {
            admitted: passed(Hook::Input),
            forwarded: passed(Hook::Forward),
            filters_forwarding: self.table.base_chains(Hook::Forward).next().is_some(),
            sent: walk::walk(&self.table, Hook::Output).passed,
            filters_sending: self.table.base_chains(Hook::Output).next().is_some(),
            forged,
        }
    }
}

/// Whether all sources of an entry are forged, by whichever of its interfaces they come.
fn never_arrives(reach: &Reach, forged: &[Reach]) -> bool {
    let whole = |other: &&Reach| {
        reach.input.is_within(&other.input)
            && reach.traffic.is_within(&other.traffic)
            && other.destination.is_everything()
    };
    let sources = forged.iter().filter(whole).flat_map(|other| other.source.ranges());
    reach.source.without(&Addresses::of_all(sources)).is_empty()
}

/// Who reaches what on a host; `None` where it has no zone firewall.
pub fn exposure(host: &Host) -> Option<Exposure> {
    super::compile(host).map(|ruleset| ruleset.exposure())
}

#[cfg(test)]
mod tests;
