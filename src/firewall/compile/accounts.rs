//! What zones and services receive in all.
//!
//! The maps of the zones see the packets that begin a connection: the others pass before the zones are asked, and so none of
//! them pays for zones and services. Where the profile wants to know (`accounting`), these are led by counters of their own
//! before they pass: the same two questions, for the interface and for the port.

use super::dispatch::{End, Entry, dispatch};
use super::ports::Ports;
use super::{Compiler, names};
use crate::firewall::ruleset::{Chain, Evidence, Rule, Verdict};
use crate::model::Zone;
use crate::net::Transport;

impl Compiler<'_> {
    /// Where packets of known connections go that come to the host.
    pub(super) fn known(&mut self) -> Verdict {
        if !self.zones.accounting {
            return Verdict::Accept;
        }
        let zones = self.zones;
        let mut entries = Vec::new();
        for zone in zones.zones.values() {
            let verdict = Verdict::Goto(names::account().zone(&zone.name));
            entries.extend(zone.members.iter().map(|member| Entry {
                interface: member.interface.clone(),
                prefix: member.prefix,
                verdict: verdict.clone(),
                evidence: Evidence::default(),
            }));
            self.account(zone);
        }
        let mut rules = dispatch(&mut self.table, End::Source, &names::accounts(), entries);
        rules.push(Rule::new(Verdict::Accept, Evidence::default()));
        self.table.chains.push(Chain::new(names::known(), rules));
        Verdict::Goto(names::known())
    }

    /// The chain that counts what comes from a zone.
    fn account(&mut self, zone: &Zone) {
        let name = names::account().zone(&zone.name);
        let mut rules = if zone.allow_all {
            Vec::new()
        } else {
            self.open_ports(zone)
                .maps(&mut self.table, &name, &Verdict::Accept, false)
        };
        // What the host asked of the zone, and what is admitted whatever the zone.
        rules.push(Rule::new(Verdict::Accept, Evidence::default()).counted());
        self.table.chains.push(Chain::new(name, rules));
    }

    /// What a zone admits by port.
    pub(super) fn open_ports(&self, zone: &Zone) -> Ports {
        let mut ports = Ports::default();
        if zone.allow_all {
            ports.all(&zone.field("allowAllServices"));
            return ports;
        }
        ports.list(Transport::Tcp, &zone.tcp, &zone.field("allowedTCPPorts"));
        ports.list(Transport::Udp, &zone.udp, &zone.field("allowedUDPPorts"));
        for service in &zone.services {
            ports.service(service, self.host.resolve_service(&service.name));
        }
        ports
    }
}
