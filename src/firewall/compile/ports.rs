//! Ports as a map.

use super::disjoint_ports::disjoint_ports;
use crate::firewall::ruleset::{
    Action, Evidence, Lookup, LookupMap, MapElement, Name, Rule, Selector, Value, Verdict, VerdictMap,
};
use crate::model::{AllowedService, FieldPath};
use crate::net::{PortRange, PortSet, Transport};

/// Ports of both transports with what is answerable for each.
#[derive(Debug, Default)]
pub(super) struct Ports(Vec<(Transport, PortRange, Evidence)>);

impl Ports {
    /// Adds the ports of a list.
    pub(super) fn list(&mut self, transport: Transport, ports: &PortSet, origin: &FieldPath) {
        let ranges = ports.ranges().iter();
        self.0
            .extend(ranges.map(|range| (transport, *range, Evidence::of("", origin.clone()))));
    }

    /// Adds the ports that a service means; none where nobody knows it.
    pub(super) fn service(&mut self, service: &AllowedService, ports: Option<Vec<(Transport, PortRange)>>) {
        for (transport, range) in ports.unwrap_or_default() {
            let evidence = Evidence::of(service.name.to_string(), service.origin.clone());
            self.0.push((transport, range, evidence));
        }
    }

    /// A map of these ports to `verdict`, and the rule that asks it; `None` where there is no port.
    pub(super) fn map(&self, name: Name, verdict: &Verdict) -> Option<(VerdictMap, Rule)> {
        let key = vec![Selector::Protocol, Selector::DestinationPort];
        let elements: Vec<_> = [Transport::Tcp, Transport::Udp]
            .into_iter()
            .flat_map(|transport| {
                let ranges = self.disjoint(transport).into_iter();
                ranges.map(move |(range, evidence)| (transport, range, evidence))
            })
            .map(|(transport, range, evidence)| MapElement {
                key: vec![Value::Protocol(transport.into()), Value::Ports(range)],
                verdict: verdict.clone(),
                evidence,
            })
            .collect();
        if elements.is_empty() {
            return None;
        }
        let lookup = Lookup {
            key: key.clone(),
            map: LookupMap::Named(name.clone()),
        };
        let map = VerdictMap {
            name,
            key,
            counted: true,
            elements,
        };
        Some((map, Rule::new(Action::Lookup(lookup), Evidence::default())))
    }

    fn disjoint(&self, wanted: Transport) -> Vec<(PortRange, Evidence)> {
        let entries: Vec<_> = self
            .0
            .iter()
            .filter(|(transport, ..)| *transport == wanted)
            .map(|(_, range, evidence)| (*range, evidence.clone()))
            .collect();
        disjoint_ports(&entries)
    }
}
