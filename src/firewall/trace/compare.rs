//! A packet's fields, compared with values.

use std::net::IpAddr;

use super::fault::Fault;
use super::packet::{Ends, Packet, Payload};
use crate::firewall::ruleset::{AddressRange, Family, Protocol, Selector, Value};
use crate::net::{InterfaceName, InterfacePattern, PortRange};

/// What comparing a field with a value comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The field has the value.
    Equal,
    /// It has another one.
    Other,
    /// The packet has no such field: the kernel leaves the rule.
    Absent,
    /// The packet has the field, and its value is not known.
    Unknown,
}

use Comparison::{Absent, Equal, Other, Unknown};

impl From<bool> for Comparison {
    fn from(equal: bool) -> Self {
        if equal { Equal } else { Other }
    }
}

/// Compares one field of a packet with a value of the field's kind.
pub(super) fn compare(packet: &Packet, selector: Selector, value: &Value) -> Result<Comparison, Fault> {
    let ends = &packet.ends;
    Ok(match (selector, value) {
        (Selector::InputInterface, Value::Interface(pattern)) => interface(packet.way.input(), pattern),
        (Selector::OutputInterface, Value::Interface(pattern)) => interface(packet.way.output(), pattern),
        (Selector::SourceV4, Value::Addresses(range)) => address(ends, Family::Ipv4, ends.source(), *range),
        (Selector::SourceV6, Value::Addresses(range)) => address(ends, Family::Ipv6, ends.source(), *range),
        (Selector::DestinationV4, Value::Addresses(range)) => address(ends, Family::Ipv4, ends.destination(), *range),
        (Selector::DestinationV6, Value::Addresses(range)) => address(ends, Family::Ipv6, ends.destination(), *range),
        (Selector::Family, Value::Family(family)) => (*family == ends.family()).into(),
        (Selector::Protocol, Value::Protocol(protocol)) => (number(*protocol) == packet.payload.protocol()).into(),
        (Selector::SourcePort, Value::Ports(ports)) => match packet.payload {
            Payload::Ports { source, .. } => port(source, *ports),
            ref other => bytes_elsewhere(other),
        },
        (Selector::DestinationPort, Value::Ports(ports)) => match packet.payload {
            Payload::Ports { destination, .. } => port(destination, *ports),
            ref other => bytes_elsewhere(other),
        },
        (Selector::State, Value::State(state)) => (*state == packet.state).into(),
        // nft asks for the family too.
        (Selector::IcmpType, Value::Icmp(kind)) => match (packet.payload, ends.family()) {
            (Payload::Icmp(number), Family::Ipv4) => (kind.number() == number).into(),
            _ => Absent,
        },
        (Selector::Icmpv6Type, Value::Icmpv6(kind)) => match (packet.payload, ends.family()) {
            (Payload::Icmpv6(number), Family::Ipv6) => (kind.number() == number).into(),
            _ => Absent,
        },
        (Selector::PacketType, Value::PacketType(kind)) => (*kind == packet.link).into(),
        (
            Selector::InputInterface
            | Selector::OutputInterface
            | Selector::SourceV4
            | Selector::SourceV6
            | Selector::DestinationV4
            | Selector::DestinationV6
            | Selector::Family
            | Selector::Protocol
            | Selector::SourcePort
            | Selector::DestinationPort
            | Selector::State
            | Selector::IcmpType
            | Selector::Icmpv6Type
            | Selector::PacketType,
            _,
        ) => return Err(Fault::OtherKind(selector)),
    })
}

/// An interface that is not there has the empty name.
fn interface(name: Option<&InterfaceName>, pattern: &InterfacePattern) -> Comparison {
    name.is_some_and(|name| pattern.matches(name)).into()
}

/// An address of `family`, if the packet has such.
fn address(ends: &Ends, family: Family, address: Option<IpAddr>, range: AddressRange) -> Comparison {
    if ends.family() == family {
        address.map_or(Unknown, |address| range.contains(address).into())
    } else {
        Absent
    }
}

fn port(port: Option<u16>, range: PortRange) -> Comparison {
    port.map_or(Unknown, |port| {
        (range.first().get() <= port && port <= range.last().get()).into()
    })
}

/// What stands where TCP and UDP have their ports: `th` does not ask for a protocol.
fn bytes_elsewhere(payload: &Payload) -> Comparison {
    match payload {
        Payload::Fragment(_) => Absent,
        Payload::Ports { .. } | Payload::Icmp(_) | Payload::Icmpv6(_) | Payload::Other(_) => Unknown,
    }
}

/// The IANA number of a protocol.
fn number(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Icmp => 1,
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
        Protocol::Icmpv6 => 58,
    }
}
