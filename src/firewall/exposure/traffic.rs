//! Sets of protocols with their ports or types.

use std::collections::BTreeMap;
use std::fmt;

use super::Ranges;
use crate::firewall::ruleset::{Protocol, Selector, Value};
use crate::net::{IcmpType, Icmpv6Type, Port, PortRange, Transport};

/// What is sent, as far as the firewall tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// TCP, by destination port.
    Tcp,
    /// UDP, by destination port.
    Udp,
    /// ICMP, by type.
    Icmp,
    /// ICMPv6, by type.
    Icmpv6,
    /// Other protocols above IP, all alike.
    Other,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Tcp, Self::Udp, Self::Icmp, Self::Icmpv6, Self::Other];

    /// All its ports or types.
    fn all(self) -> Ranges {
        match self {
            Self::Tcp | Self::Udp => Ranges::of(0, u16::MAX.into()),
            Self::Icmp | Self::Icmpv6 => Ranges::of(0, u8::MAX.into()),
            Self::Other => Ranges::of(0, 0),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::Other => "other protocols",
        }
    }
}

impl From<Protocol> for Kind {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Icmp => Self::Icmp,
            Protocol::Tcp => Self::Tcp,
            Protocol::Udp => Self::Udp,
            Protocol::Icmpv6 => Self::Icmpv6,
        }
    }
}

/// A set of protocols with their ports or types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traffic(BTreeMap<Kind, Ranges>);

impl Traffic {
    /// Everything.
    pub fn all() -> Self {
        Self(Kind::ALL.into_iter().map(|kind| (kind, kind.all())).collect())
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything is in it.
    pub fn is_everything(&self) -> bool {
        *self == Self::all()
    }

    /// Whether connections to `port` are in it.
    pub fn contains(&self, transport: Transport, port: Port) -> bool {
        let kind = Kind::from(Protocol::from(transport));
        let ports = self.0.get(&kind);
        ports.is_some_and(|ports| ports.contains(port.get().into()))
    }

    /// Whether `other` has all of it.
    pub(in crate::firewall) fn is_within(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }

    /// What there is of one protocol.
    pub fn of(&self, kind: Kind) -> Option<&Ranges> {
        self.0.get(&kind)
    }

    /// Whether it is nothing but messages of one of the two ICMPs, which tells the address family.
    pub(in crate::firewall) fn is_only_icmp(&self) -> bool {
        let mut kinds = self.0.keys();
        matches!((kinds.next(), kinds.next()), (Some(Kind::Icmp | Kind::Icmpv6), None))
    }

    /// The traffic with all messages of both ICMPs where it has all of one, and more than that.
    pub(in crate::firewall) fn with_both_icmps(mut self) -> Self {
        let whole = |kind: Kind| self.0.get(&kind) == Some(&kind.all());
        if (whole(Kind::Icmp) || whole(Kind::Icmpv6)) && self.0.len() > 1 {
            for kind in [Kind::Icmp, Kind::Icmpv6] {
                self.0.insert(kind, kind.all());
            }
        }
        self
    }

    /// Takes a protocol out, unless everything is in it.
    pub(in crate::firewall) fn forget_unless_everything(&mut self, kind: Kind) {
        if !self.is_everything() {
            self.0.remove(&kind);
        }
    }

    /// What the parts say of each protocol.
    pub(in crate::firewall) fn from_kinds(parts: impl IntoIterator<Item = (Kind, Ranges)>) -> Self {
        Self(parts.into_iter().filter(|(_, ranges)| !ranges.is_empty()).collect())
    }

    /// The protocols, and what of each.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, &Ranges)> {
        self.0.iter().map(|(kind, ranges)| (*kind, ranges))
    }

    /// The ports of a transport, in ranges.
    pub fn ports(&self, transport: Transport) -> Vec<PortRange> {
        let kind = Kind::from(Protocol::from(transport));
        let ranges = self.0.get(&kind).map(Ranges::ranges).unwrap_or_default();
        let port = |number: u128| u16::try_from(number).ok().and_then(Port::new);
        ranges
            .iter()
            .filter_map(|(first, last)| PortRange::new(port((*first).max(1))?, port(*last)?))
            .collect()
    }

    /// What is in any of these.
    pub(in crate::firewall) fn of_all<'t>(parts: impl IntoIterator<Item = &'t Self>) -> Self {
        let mut all: BTreeMap<Kind, Vec<(u128, u128)>> = BTreeMap::new();
        for (kind, ranges) in parts.into_iter().flat_map(Self::kinds) {
            all.entry(kind).or_default().extend(ranges.ranges());
        }
        Self(
            all.into_iter()
                .map(|(kind, ranges)| (kind, Ranges::of_all(ranges)))
                .collect(),
        )
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        let both = self.0.iter().filter_map(|(kind, ranges)| {
            let both = ranges.and(other.0.get(kind)?);
            (!both.is_empty()).then_some((*kind, both))
        });
        Self(both.collect())
    }

    /// What is in one of them.
    pub(in crate::firewall) fn or(&self, other: &Self) -> Self {
        let mut all = self.0.clone();
        for (kind, ranges) in &other.0 {
            let both = all.get(kind).unwrap_or(&Ranges::empty()).or(ranges);
            all.insert(*kind, both);
        }
        Self(all)
    }

    /// What is not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let rest = self.0.iter().filter_map(|(kind, ranges)| {
            let rest = ranges.without(other.0.get(kind).unwrap_or(&Ranges::empty()));
            (!rest.is_empty()).then_some((*kind, rest))
        });
        Self(rest.collect())
    }

    /// Whether a field tells traffic apart.
    pub(super) fn is_told_by(selector: Selector) -> bool {
        matches!(
            selector,
            Selector::Protocol | Selector::DestinationPort | Selector::IcmpType | Selector::Icmpv6Type
        )
    }

    /// What has `value` in a field; `None` where the field is none of this.
    pub(super) fn having(selector: Selector, value: &Value) -> Option<Self> {
        let of = |kinds: &[Kind], ranges: &Ranges| Self(kinds.iter().map(|kind| (*kind, ranges.clone())).collect());
        let number = |number: u8| Ranges::of(number.into(), number.into());
        match (selector, value) {
            (Selector::Protocol, Value::Protocol(protocol)) => {
                let kind = Kind::from(*protocol);
                Some(of(&[kind], &kind.all()))
            }
            (Selector::DestinationPort, Value::Ports(ports)) => {
                let ports = Ranges::of(ports.first().get().into(), ports.last().get().into());
                Some(of(&[Kind::Tcp, Kind::Udp], &ports))
            }
            (Selector::IcmpType, Value::Icmp(kind)) => Some(of(&[Kind::Icmp], &number(kind.number()))),
            (Selector::Icmpv6Type, Value::Icmpv6(kind)) => Some(of(&[Kind::Icmpv6], &number(kind.number()))),
            _ => None,
        }
    }
}

impl fmt::Display for Traffic {
    /// `everything`, `tcp 22, 8000-8100`, `tcp 53; udp 53`, `icmp echo-request`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("everything");
        }
        for (position, (kind, ranges)) in self.kinds().enumerate() {
            write!(f, "{}{}", if position == 0 { "" } else { "; " }, kind.name())?;
            if *ranges == kind.all() {
                continue;
            }
            for (position, (first, last)) in named(kind, ranges).into_iter().enumerate() {
                f.write_str(if position == 0 { " " } else { ", " })?;
                match kind {
                    Kind::Icmp | Kind::Icmpv6 if first == last => f.write_str(&type_name(kind, first))?,
                    _ if first == last => first.fmt(f)?,
                    _ => write!(f, "{first}-{last}")?,
                }
            }
        }
        Ok(())
    }
}

/// The ranges; few types of ICMP one by one, so that they can have names.
fn named(kind: Kind, ranges: &Ranges) -> Vec<(u128, u128)> {
    let ranges = ranges.ranges();
    let few = ranges.iter().all(|(first, last)| last - first < 16);
    if few && matches!(kind, Kind::Icmp | Kind::Icmpv6) {
        let numbers = ranges.iter().flat_map(|(first, last)| *first..=*last);
        numbers.map(|number| (number, number)).collect()
    } else {
        ranges.to_vec()
    }
}

fn type_name(kind: Kind, number: u128) -> String {
    let v4 = IcmpType::ADMITTED.into_iter().map(|kind| (kind.number(), kind.name()));
    let v6 = Icmpv6Type::ADMITTED
        .into_iter()
        .map(|kind| (kind.number(), kind.name()));
    let mut names: Box<dyn Iterator<Item = (u8, &str)>> = match kind {
        Kind::Icmp => Box::new(v4),
        _ => Box::new(v6),
    };
    let name = names.find(|(known, _)| u128::from(*known) == number);
    name.map_or_else(|| number.to_string(), |(_, name)| name.to_owned())
}
