//! Values by the data type that nft has for them.

use std::net::IpAddr;

use super::ReadError;
use super::cursor::Cursor;
use crate::firewall::ruleset::{AddressRange, ConntrackState, Family, PacketType, Protocol, Selector, Value};
use crate::net::{IcmpType, Icmpv6Type, Prefix};

/// A data type of nft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(&'static str);

impl Kind {
    /// The type of a field.
    pub(super) fn of(selector: Selector) -> Self {
        Self(selector.data_type())
    }

    /// The type that is named next.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, ReadError> {
        let word = cursor.word()?;
        let known = Selector::ALL
            .into_iter()
            .map(Selector::data_type)
            .find(|known| *known == word);
        known.map(Self).ok_or_else(|| cursor.error_before("a data type"))
    }

    /// A field of this type. A declaration does not say which: whoever asks does.
    pub(super) fn selector(self) -> Selector {
        let mut all = Selector::ALL.into_iter();
        all.find(|selector| selector.data_type() == self.0)
            .unwrap_or(Selector::Family)
    }

    /// The value that comes next.
    pub(super) fn value(self, cursor: &mut Cursor<'_>) -> Result<Value, ReadError> {
        let value = match self.selector() {
            Selector::InputInterface | Selector::OutputInterface => {
                let value = cursor.quoted()?.parse().ok().map(Value::Interface);
                return value.ok_or_else(|| cursor.error_before("an interface"));
            }
            Selector::SourceV4 | Selector::DestinationV4 => addresses(cursor.word()?, Family::Ipv4),
            Selector::SourceV6 | Selector::DestinationV6 => addresses(cursor.word()?, Family::Ipv6),
            Selector::SourcePort | Selector::DestinationPort => cursor.word()?.parse().ok().map(Value::Ports),
            Selector::Family => named(cursor.word()?, Family::ALL, Family::name).map(Value::Family),
            Selector::Protocol => named(cursor.word()?, Protocol::ALL, Protocol::name).map(Value::Protocol),
            Selector::State => named(cursor.word()?, ConntrackState::ALL, ConntrackState::name).map(Value::State),
            Selector::IcmpType => named(cursor.word()?, IcmpType::ADMITTED, IcmpType::name).map(Value::Icmp),
            Selector::Icmpv6Type => named(cursor.word()?, Icmpv6Type::ADMITTED, Icmpv6Type::name).map(Value::Icmpv6),
            Selector::PacketType => named(cursor.word()?, PacketType::ALL, PacketType::name).map(Value::PacketType),
        };
        value.ok_or_else(|| cursor.error_before(self.0))
    }
}

fn named<T: Copy>(word: &str, all: impl IntoIterator<Item = T>, name: impl Fn(T) -> &'static str) -> Option<T> {
    all.into_iter().find(|known| name(*known) == word)
}

/// An address, a prefix, or `first-last`.
fn addresses(word: &str, family: Family) -> Option<Value> {
    let range = if let Some((first, last)) = word.split_once('-') {
        match (first.parse().ok()?, last.parse().ok()?) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => AddressRange::V4(first, last),
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => AddressRange::V6(first, last),
            _ => return None,
        }
    } else {
        let host = word.parse().ok().map(Prefix::host);
        AddressRange::from(host.or_else(|| word.parse().ok())?)
    };
    (range.family() == family).then_some(Value::Addresses(range))
}
