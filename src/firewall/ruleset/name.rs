//! Names of tables, chains, sets and maps.

use std::fmt;

use super::Family;
use crate::net::{InterfacePattern, ZoneName};

/// The name of a table, chain, set or map.
///
/// A name is a word of ours, then, each after a dot, the zone and the interface that it is for, then a slash and the
/// address family: `zone.dmz`, `zones.eth0.100/v4`, `forward_zone.dmz.br-/`. A slash at an interface's end stands for the
/// `*` of a pattern. Zones have no dot in their names and interfaces no slash, so two different things never get the
/// same name, whatever the profile calls them; and no word is a keyword of nft(8).
///
/// At most 63 + 15 bytes come from the profile; the kernel takes 255 (`NFT_NAME_MAXLEN`). Chains have names apart from
/// those of sets and maps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// A word of ours: letters and `_`.
    pub fn word(word: &'static str) -> Self {
        Self(word.to_owned())
    }

    /// This name, for one zone.
    #[must_use]
    pub fn zone(&self, zone: &ZoneName) -> Self {
        Self(format!("{}.{zone}", self.0))
    }

    /// This name, for one interface or pattern of interfaces.
    #[must_use]
    pub fn interface(&self, interface: &InterfacePattern) -> Self {
        match (interface.exact(), interface.starts_with()) {
            (_, Some(start)) => Self(format!("{}.{start}/", self.0)),
            (Some(name), None) => Self(format!("{}.{name}", self.0)),
            (None, None) => self.clone(),
        }
    }

    /// This name, for one address family.
    #[must_use]
    pub fn family(&self, family: Family) -> Self {
        let family = match family {
            Family::Ipv4 => "v4",
            Family::Ipv6 => "v6",
        };
        Self(format!("{}/{family}", self.0))
    }

    /// The name as nft reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_things_have_different_names() {
        let word = Name::word("from");
        let interface = |written: &str| word.interface(&written.parse().unwrap());
        assert_eq!(interface("eth0.100").as_str(), "from.eth0.100");
        assert_eq!(interface("br-*").as_str(), "from.br-/");
        assert_ne!(interface("br-"), interface("br-*"));
        assert_eq!(interface("br-*").family(Family::Ipv4).as_str(), "from.br-//v4");
        let zone = Name::word("zone").zone(&"drop".parse().unwrap());
        assert_eq!(zone.as_str(), "zone.drop");
        assert_eq!(zone.interface(&"eth0".parse().unwrap()).as_str(), "zone.drop.eth0");
    }
}
