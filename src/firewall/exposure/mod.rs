//! Who reaches what: every class of packets that a ruleset lets through, with the rule or element that decides and the
//! fields of the profile behind it.
//!
//! The answer is computed from the ruleset itself, over the whole space of interfaces, addresses, protocols and ports:
//! each rule divides the classes of packets that reach it, as in the kernel. It is about **new connections**; answers to
//! what the host itself asked pass anyway. Two things are left to the reader: `prerouting` drops forged sources before,
//! and limits per source hold for everybody.

mod addresses;
mod class;
mod interfaces;
mod ranges;
mod traffic;
mod walk;

pub use addresses::Addresses;
pub use interfaces::Interfaces;
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
}

/// A class of packets that one rule or element lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The zone that the packets come from, as far as one was asked; without it they may come from everywhere.
    pub zone: Option<ZoneName>,
    /// Where they come in.
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
    /// Whether further conditions narrow them (a source port, a multicast destination) that this says nothing of.
    pub narrowed: bool,
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
    /// What lets a new connection to the host in; `None` where nothing does.
    pub fn admits(&self, from: End<'_>, transport: Transport, port: Port) -> Option<&Reach> {
        let mut certain = self.admitted.iter().filter(|reach| !reach.narrowed);
        certain.find(|reach| {
            // Some rules admit what goes to certain addresses alone; which ones the host has is not known here.
            reach.destination.is_everything() && reach.begins(from) && reach.traffic.contains(transport, port)
        })
    }

    /// What lets a new connection through the host pass, where this table filters what passes through.
    pub fn passes(&self, from: End<'_>, to: End<'_>, transport: Transport, port: Port) -> Option<&Reach> {
        let mut certain = self.forwarded.iter().filter(|reach| !reach.narrowed);
        certain.find(|reach| reach.begins(from) && reach.ends(to) && reach.traffic.contains(transport, port))
    }
}

impl Reach {
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
        Exposure {
            admitted: walk::walk(&self.table, Hook::Input),
            forwarded: walk::walk(&self.table, Hook::Forward),
        }
    }
}

/// Who reaches what on a host; `None` where it has no zone firewall.
pub fn exposure(host: &Host) -> Option<Exposure> {
    super::compile(host).map(|ruleset| ruleset.exposure())
}

#[cfg(test)]
mod tests;
