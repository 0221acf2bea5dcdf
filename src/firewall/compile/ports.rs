//! Ports as maps.

use super::disjoint_ports::disjoint_ports;
use crate::firewall::ruleset::{
    Action, Evidence, Lookup, LookupMap, MapElement, Name, Rule, Selector, Table, Value, Verdict, VerdictMap,
};
use crate::model::{AllowedService, FieldPath, RateLimit};
use crate::net::{PacketRate, PortRange, PortSet, ServiceName, Transport};

/// Ports of both transports with what is said of each.
#[derive(Debug, Default)]
pub(super) struct Ports(Vec<(Transport, PortRange, Said)>);

/// What is said of a port.
#[derive(Debug, Clone)]
enum Said {
    /// It is open; why.
    Open(Evidence),
    /// Where it is open, connections are led through a limit first.
    Limited(Limited),
}

/// A limit on the way to a port.
#[derive(Debug, Clone)]
struct Limited {
    /// Of two limits for one port the stricter counts: the lower rate, then the smaller burst, then the lower name.
    strictness: (PacketRate, u32, ServiceName),
    /// The chain that counts.
    chain: Name,
}

impl Ports {
    /// Adds the ports of a list.
    pub(super) fn list(&mut self, transport: Transport, ports: &PortSet, origin: &FieldPath) {
        let ranges = ports.ranges().iter();
        self.0
            .extend(ranges.map(|range| (transport, *range, Said::Open(Evidence::of("", origin.clone())))));
    }

    /// Adds all ports.
    pub(super) fn all(&mut self, origin: &FieldPath) {
        for transport in [Transport::Tcp, Transport::Udp] {
            let evidence = Evidence::of("", origin.clone());
            self.0.push((transport, PortRange::ALL, Said::Open(evidence)));
        }
    }

    /// Adds the ports that a service means; none where nobody knows it.
    pub(super) fn service(&mut self, service: &AllowedService, ports: Option<Vec<(Transport, PortRange)>>) {
        for (transport, range) in ports.unwrap_or_default() {
            let evidence = Evidence::of(service.name.to_string(), service.origin.clone());
            self.0.push((transport, range, Said::Open(evidence)));
        }
    }

    /// Leads connections to the ports of a service through `chain`, as far as they are open.
    pub(super) fn limit(
        &mut self,
        service: &ServiceName,
        limit: RateLimit,
        ports: Option<Vec<(Transport, PortRange)>>,
        chain: &Name,
    ) {
        for (transport, range) in ports.unwrap_or_default() {
            let limited = Limited {
                strictness: (limit.rate, limit.burst, service.clone()),
                chain: chain.clone(),
            };
            self.0.push((transport, range, Said::Limited(limited)));
        }
    }

    /// Adds maps of the open ports to `verdict` to the table, and returns the rules that ask them; none where there is no port.
    /// Ports that need no saying, because all are open and no limit is on their way, are left out where `limited_alone`.
    ///
    /// Ranges have a map of their own behind that of the single ports: the kernel finds a range several times as slowly. The port
    /// comes first in the key, for there the kernel looks a key up field by field and carries every element on that fits so
    /// far (`nft_set_pipapo`); nearly all of them have the same protocol.
    pub(super) fn maps(&self, table: &mut Table, name: &Name, verdict: &Verdict, limited_alone: bool) -> Vec<Rule> {
        let (mut single, mut ranges) = (Vec::new(), Vec::new());
        for transport in [Transport::Tcp, Transport::Udp] {
            for (range, evidence, limited) in self.disjoint(transport) {
                if limited.is_none() && limited_alone {
                    continue;
                }
                let elements = if range.single().is_some() {
                    &mut single
                } else {
                    &mut ranges
                };
                elements.push(MapElement {
                    key: vec![Value::Ports(range), Value::Protocol(transport.into())],
                    verdict: limited.map_or_else(|| verdict.clone(), |limited| Verdict::Goto(limited.chain.clone())),
                    evidence,
                });
            }
        }
        let mut rules = Vec::new();
        for (name, elements) in [(name.clone(), single), (name.ranges(), ranges)] {
            if elements.is_empty() {
                continue;
            }
            let key = vec![Selector::DestinationPort, Selector::Protocol];
            let lookup = Lookup {
                key: key.clone(),
                map: LookupMap::Named(name.clone()),
            };
            table.maps.push(VerdictMap {
                name,
                key,
                counted: true,
                elements,
            });
            rules.push(Rule::new(Action::Lookup(lookup), Evidence::default()));
        }
        rules
    }

    /// The open ports of a transport, each with what opens it and the limit on its way.
    fn disjoint(&self, wanted: Transport) -> Vec<(PortRange, Evidence, Option<&Limited>)> {
        let here = self.0.iter().filter(|(transport, ..)| *transport == wanted);
        let entries: Vec<_> = here.map(|(_, range, said)| (*range, said)).collect();
        let mut open = Vec::new();
        for (range, said) in disjoint_ports(&entries) {
            let mut evidence: Option<Evidence> = None;
            let mut limits = Vec::new();
            for said in said {
                match said {
                    Said::Open(other) => evidence.get_or_insert_default().join(other),
                    Said::Limited(limited) => limits.push(limited),
                }
            }
            let strictest = limits.into_iter().min_by_key(|limited| limited.strictness.clone());
            open.extend(evidence.map(|evidence| (range, evidence, strictest)));
        }
        open
    }
}
