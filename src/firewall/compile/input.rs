//! What reaches the host itself.

use super::dispatch::{End, Entry, dispatch};
use super::prerouting::{DHCP_CLIENT, DHCP_SERVER};
use super::{Compiler, limits, names};
use crate::firewall::ruleset::{
    AddressRange, Base, Chain, ChainPolicy, ConntrackState, Evidence, Family, Hook, Match, MeterKey, Name, Priority,
    Protocol, Rule, Selector, Value, Verdict,
};
use crate::model::{DefaultPolicy, Zone};
use crate::net::{IcmpType, Icmpv6Type, InterfaceName, Port, Prefix};

/// Where DHCPv6 clients listen (RFC 8415 §7.2). Servers may answer from any port.
const DHCPV6_CLIENT: Port = Port::constant(546);
/// Link-local addresses (RFC 4291 §2.4).
pub(super) const LINK_LOCAL: &str = "fe80::/10";

/// The loopback interface.
pub(super) fn loopback() -> Option<InterfaceName> {
    "lo".parse().ok()
}

impl Compiler<'_> {
    /// The chain `input` and what it leads to.
    pub(super) fn input(&mut self) {
        let mut rules = from_loopback();
        let known = self.known();
        rules.extend(connections(known, Verdict::Goto(names::untraceable())));
        self.admitted_protocols();
        self.untraceable();
        let is_limited = self.is_limited();
        if is_limited {
            rules.push(admitted_beside_tcp());
        }
        // Before anything is admitted: behind the accepts a limit limits nothing.
        let zones = self.zones();
        let limit = self.common_limit();
        if self.is_limit_common() {
            rules.extend(limit.into_iter().chain(zones));
        } else {
            // Each zone asks its limit itself; here are those who are in no zone.
            rules.extend(zones.into_iter().chain(limit));
        }
        if !is_limited {
            rules.push(admitted());
        }
        rules.push(self.otherwise(None));
        self.table.chains.push(Chain {
            name: names::input(),
            base: Some(Base {
                hook: Hook::Input,
                priority: Priority::Filter,
                policy: match self.zones.default_policy {
                    DefaultPolicy::Accept => ChainPolicy::Accept,
                    DefaultPolicy::Drop | DefaultPolicy::Reject => ChainPolicy::Drop,
                },
            }),
            rules,
        });
    }

    /// The chain `admit`, of what every host needs: ICMP and the UDP of the host's own network go their ways.
    ///
    /// It is asked of what no zone has admitted, so that new connections to a zone's services do not pay for it; before the
    /// zones only where something is limited, for none of this counts there.
    fn admitted_protocols(&mut self) {
        self.icmp();
        self.own_udp();
        let mut rules = icmp_ways(Verdict::Goto);
        rules.push(of_protocol(Protocol::Udp, Verdict::Goto(names::admit_udp())));
        self.table.chains.push(Chain::new(names::admit(), rules));
    }

    /// ICMP by type, pings up to a limit per source. Other types go on to the zones: one that admits everything admits
    /// them too.
    fn icmp(&mut self) {
        let types = IcmpType::ADMITTED.into_iter().map(Value::Icmp).collect();
        let echo = Match::Is(Selector::IcmpType, Value::Icmp(IcmpType::EchoRequest));
        let over = self.meter(names::echo_v4(), MeterKey::V4Address, limits::echo());
        let rules = vec![
            too_many("pings", echo, over),
            Rule::new(Verdict::Accept, Evidence::note("RFC 1122, RFC 1191"))
                .when(Match::OneOf(Selector::IcmpType, types)),
        ];
        self.table.chains.push(Chain::new(names::admit_icmp(), rules));

        let types = Icmpv6Type::ADMITTED.into_iter().map(Value::Icmpv6).collect();
        let echo = Match::Is(Selector::Icmpv6Type, Value::Icmpv6(Icmpv6Type::EchoRequest));
        let over = self.meter(names::echo_v6(), MeterKey::V6Subnet, limits::echo());
        let rules = vec![
            too_many("pings", echo, over),
            Rule::new(Verdict::Accept, Evidence::note("RFC 4890")).when(Match::OneOf(Selector::Icmpv6Type, types)),
        ];
        self.table.chains.push(Chain::new(names::admit_icmpv6(), rules));
    }

    /// ICMP errors about connections that are already forgotten carry path MTUs all the same; nothing else that fits no
    /// connection is let in.
    fn untraceable(&mut self) {
        let mut rules = icmp_ways(Verdict::Jump);
        rules.push(Rule::new(Verdict::Drop, Evidence::note("fits no connection")).counted());
        self.table.chains.push(Chain::new(names::untraceable(), rules));
    }

    /// DHCP answers, which belong to no connection that is tracked, and WireGuard. The port is asked first: where something is
    /// limited, every datagram that begins a connection comes by here, and hardly any has one of these.
    pub(super) fn own_udp(&mut self) {
        let mut rules = vec![
            Rule::new(Verdict::Accept, Evidence::note("DHCP"))
                .when(Match::Is(Selector::DestinationPort, Value::Ports(DHCP_CLIENT.into())))
                .when(Match::Is(Selector::SourcePort, Value::Ports(DHCP_SERVER.into())))
                .when(Match::Is(Selector::Family, Value::Family(Family::Ipv4))),
        ];
        if let Ok(prefix) = LINK_LOCAL.parse::<Prefix>() {
            let local = Value::Addresses(AddressRange::from(prefix));
            rules.push(
                Rule::new(Verdict::Accept, Evidence::note("DHCPv6"))
                    .when(Match::Is(Selector::DestinationPort, Value::Ports(DHCPV6_CLIENT.into())))
                    .when(Match::Is(Selector::DestinationV6, local)),
            );
        }
        if let Some(tailscale) = &self.host.tailscale
            && let (true, Some(port)) = (tailscale.open_firewall, tailscale.port)
        {
            let evidence = Evidence::of("WireGuard", self.tailscale_field("openFirewall"));
            let here = Match::Is(Selector::DestinationPort, Value::Ports(port.into()));
            rules.push(Rule::new(Verdict::Accept, evidence).when(here).counted());
        }
        self.table.chains.push(Chain::new(names::admit_udp(), rules));
    }

    /// The zones: to the chain of the zone that a packet belongs to.
    fn zones(&mut self) -> Vec<Rule> {
        let zones = self.zones;
        let mut entries = Vec::new();
        for zone in zones.zones.values() {
            let verdict = Verdict::Goto(names::zone().zone(&zone.name));
            entries.extend(zone.members.iter().map(|member| Entry {
                interface: member.interface.clone(),
                prefix: member.prefix,
                verdict: verdict.clone(),
                evidence: Evidence::of("", member.origin.clone()),
            }));
        }
        let rules = dispatch(&mut self.table, End::Source, &names::zones(), entries);
        for zone in zones.zones.values() {
            self.zone(zone);
        }
        rules
    }

    /// What a zone admits.
    fn zone(&mut self, zone: &Zone) {
        let mut rules = Vec::new();
        if !self.is_limit_common() {
            rules.extend(self.zone_limit(zone));
        }
        let mut ports = self.open_ports(zone);
        for limit in &zone.service_limits {
            let chain = self.service_limit(zone, limit);
            let name = &limit.service.name;
            ports.limit(name, limit.limit, self.host.resolve_service(name), &chain);
        }
        let name = names::zone().zone(&zone.name);
        rules.extend(ports.maps(&mut self.table, &name, &Verdict::Accept, zone.allow_all));
        let is_limited = self.is_limited();
        if zone.allow_all {
            // Pings have their limit here, too.
            rules.extend((!is_limited).then(admitted_beside_tcp));
            let evidence = Evidence::of("", zone.field("allowAllServices"));
            rules.push(Rule::new(Verdict::Accept, evidence).counted());
        } else {
            rules.extend((!is_limited).then(admitted));
            rules.push(self.otherwise(Some(zone)).counted());
        }
        self.table.chains.push(Chain::new(name, rules));
    }
}

/// What every host needs is let in.
fn admitted() -> Rule {
    Rule::new(Verdict::Jump(names::admit()), Evidence::default())
}

/// The same, where much else comes by: none of it is TCP.
fn admitted_beside_tcp() -> Rule {
    admitted().when(Match::IsNot(Selector::Protocol, Value::Protocol(Protocol::Tcp)))
}

/// What the host says to itself passes.
pub(super) fn from_loopback() -> Vec<Rule> {
    let accept = |lo: InterfaceName| {
        let here = Match::Is(Selector::InputInterface, Value::Interface(lo.into()));
        Rule::new(Verdict::Accept, Evidence::default()).when(here)
    };
    loopback().into_iter().map(accept).collect()
}

/// Connections under way go where `known` says, what fits none where `invalid` says.
pub(super) fn connections(known: Verdict, invalid: Verdict) -> [Rule; 2] {
    let is_invalid = Match::Is(Selector::State, Value::State(ConntrackState::Invalid));
    [
        under_way(known),
        Rule::new(invalid, Evidence::default()).when(is_invalid),
    ]
}

/// Connections under way go where `known` says.
pub(super) fn under_way(known: Verdict) -> Rule {
    let states = [ConntrackState::Established, ConntrackState::Related].map(Value::State);
    Rule::new(known, Evidence::default()).when(Match::OneOf(Selector::State, states.into()))
}

/// Both ICMPs to their chains.
fn icmp_ways(way: impl Fn(Name) -> Verdict) -> Vec<Rule> {
    vec![
        of_protocol(Protocol::Icmp, way(names::admit_icmp())),
        of_protocol(Protocol::Icmpv6, way(names::admit_icmpv6())),
    ]
}

/// Packets of a protocol to their chain. Each is a comparison of one byte; the kernel takes as long to look into a map as for
/// five of them.
pub(super) fn of_protocol(protocol: Protocol, way: Verdict) -> Rule {
    let here = Match::Is(Selector::Protocol, Value::Protocol(protocol));
    Rule::new(way, Evidence::default()).when(here)
}

fn too_many(what: &'static str, packet: Match, over: Match) -> Rule {
    let evidence = Evidence::note(format!("too many {what} of one source"));
    Rule::new(Verdict::Goto(names::limited()), evidence)
        .when(packet)
        .when(over)
        .counted()
}
