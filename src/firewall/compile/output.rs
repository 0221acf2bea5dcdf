//! What the host itself sends.
//!
//! A host whose profile says nothing of egress has no such chain. Where a zone says what may be reached in it, new connections
//! to anything else there are refused, whatever the default policy is; the zone of a packet is that of where it goes, as
//! for forwarding. What the host needs to live goes out in any case: answers, ICMP by type, DHCP, DNS, NTP, and whatever
//! tailscaled sends on the outside of the tunnel.

use super::dispatch::{End, Entry, by_address, dispatch};
use super::input::{loopback, under_way};
use super::ports::Ports;
use super::{Compiler, names, refuse};
use crate::firewall::ruleset::{
    Base, Chain, ChainPolicy, Evidence, Family, Hook, Match, Priority, Protocol, Rule, Selector, Value, Verdict,
};
use crate::model::{Egress, Zone, known_service};
use crate::net::{IcmpType, Icmpv6Type, Port, Transport};

/// The bits that tailscaled marks packets with, and what it marks its own with: they go past the tunnel
/// (tailscale `net/tsconst/linuxfw.go`).
const TAILSCALE_MASK: u32 = 0x00ff_0000;
/// See [`TAILSCALE_MASK`].
const TAILSCALE_BYPASS: u32 = 0x0008_0000;

/// Where DHCPv6 servers listen (RFC 8415 §7.2).
const DHCPV6_SERVER: Port = Port::constant(547);
/// DNS (RFC 1035 §4.2).
const DNS: Port = Port::constant(53);
/// NTP (RFC 5905 §7.2); a host with a wrong time trusts no certificate.
const NTP: Port = Port::constant(123);

impl Compiler<'_> {
    /// The chain `output` and what it leads to, where the profile speaks of egress.
    pub(super) fn output(&mut self) {
        let zones = self.zones;
        if zones.zones.values().all(|zone| zone.egress.is_none()) {
            return;
        }
        let mut rules: Vec<Rule> = loopback()
            .into_iter()
            .map(|lo| {
                let here = Match::Is(Selector::OutputInterface, Value::Interface(lo.into()));
                Rule::new(Verdict::Accept, Evidence::default()).when(here)
            })
            .collect();
        rules.push(under_way(Verdict::Accept));
        rules.push(Rule::new(Verdict::Jump(names::admit_own()), Evidence::default()));
        self.own();
        let mut entries = Vec::new();
        for zone in zones.zones.values() {
            let verdict = match &zone.egress {
                Some(egress) => self.egress(zone, egress),
                None => Verdict::Accept,
            };
            entries.extend(zone.members.iter().map(|member| Entry {
                interface: member.interface.clone(),
                prefix: member.prefix,
                verdict: verdict.clone(),
                evidence: Evidence::of("", member.origin.clone()),
            }));
        }
        rules.extend(dispatch(
            &mut self.table,
            End::Destination,
            &names::egress_to(),
            entries,
        ));
        self.table.chains.push(Chain {
            name: names::output(),
            base: Some(Base {
                hook: Hook::Output,
                priority: Priority::Filter,
                policy: ChainPolicy::Accept,
            }),
            rules,
        });
    }

    /// What the host needs to live.
    fn own(&mut self) {
        let accept = |note: &'static str| Rule::new(Verdict::Accept, Evidence::note(note));
        let port = |selector, port: Port| Match::Is(selector, Value::Ports(port.into()));
        let protocol = |protocol| Match::Is(Selector::Protocol, Value::Protocol(protocol));
        let mut rules = Vec::new();
        if let Some(tailscale) = &self.host.tailscale {
            rules.push(accept("tailscaled").when(Match::Marked {
                mask: TAILSCALE_MASK,
                value: TAILSCALE_BYPASS,
            }));
            rules.extend(tailscale.port.map(|own| {
                accept("WireGuard")
                    .when(protocol(Protocol::Udp))
                    .when(port(Selector::SourcePort, own))
            }));
        }
        let types = IcmpType::ADMITTED.into_iter().map(Value::Icmp).collect();
        rules.push(accept("RFC 1122, RFC 1191").when(Match::OneOf(Selector::IcmpType, types)));
        let types = Icmpv6Type::ADMITTED.into_iter().map(Value::Icmpv6).collect();
        rules.push(accept("RFC 4890").when(Match::OneOf(Selector::Icmpv6Type, types)));
        for transport in [Protocol::Tcp, Protocol::Udp] {
            rules.push(
                accept("DNS")
                    .when(protocol(transport))
                    .when(port(Selector::DestinationPort, DNS)),
            );
        }
        let udp = |note, number| {
            accept(note)
                .when(protocol(Protocol::Udp))
                .when(port(Selector::DestinationPort, number))
        };
        rules.push(udp("NTP", NTP));
        let v4 = Match::Is(Selector::Family, Value::Family(Family::Ipv4));
        rules.push(udp("DHCP", super::prerouting::DHCP_SERVER).when(v4));
        let v6 = Match::Is(Selector::Family, Value::Family(Family::Ipv6));
        rules.push(udp("DHCPv6", DHCPV6_SERVER).when(v6));
        self.table.chains.push(Chain::new(names::admit_own(), rules));
    }

    /// The chain that lets the host reach in a zone what the zone says.
    fn egress(&mut self, zone: &Zone, egress: &Egress) -> Verdict {
        let refused = |field| {
            let evidence = Evidence::of("not to be reached", field);
            Rule::new(Verdict::Goto(refuse::chain(Some(zone))), evidence).counted()
        };
        let onward = match &egress.ports {
            None => Verdict::Accept,
            Some(reach) => {
                let name = names::egress_ports().zone(&zone.name);
                let mut ports = Ports::default();
                ports.list(Transport::Tcp, &reach.tcp, &zone.field("allowedEgressTCPPorts"));
                ports.list(Transport::Udp, &reach.udp, &zone.field("allowedEgressUDPPorts"));
                for service in &reach.services {
                    // Other hosts offer them.
                    let known = known_service::known(service.name.as_str());
                    ports.service(service, known.map(known_service::KnownService::ports));
                }
                let mut rules = ports.maps(&mut self.table, &name, &Verdict::Accept, false);
                rules.push(refused(zone.origin.clone()));
                self.table.chains.push(Chain::new(name.clone(), rules));
                Verdict::Goto(name)
            }
        };
        let Some(prefixes) = &egress.prefixes else {
            return onward;
        };
        let Some(member) = zone.members.first() else {
            return onward;
        };
        let entry = |prefix, verdict, evidence| Entry {
            interface: member.interface.clone(),
            prefix,
            verdict,
            evidence,
        };
        let refused = refused(zone.field("allowedEgressIPs"));
        let mut entries = vec![entry(None, Verdict::Goto(refuse::chain(Some(zone))), refused.evidence)];
        entries.extend(prefixes.iter().map(|(prefix, field)| {
            let evidence = Evidence::of("", field.clone());
            entry(Some(*prefix), onward.clone(), evidence)
        }));
        let name = names::egress().zone(&zone.name);
        by_address(&mut self.table, End::Destination, name, &entries).0
    }
}
