//! Names of tables, chains, sets and maps.

use std::borrow::Cow;
use std::fmt;

use super::Family;
use crate::net::{InterfacePattern, ServiceName, ZoneName};

/// The name of a table, chain, set or map.
///
/// A name is a word of ours, then, each after a dot, the zone, the service and the interface that it is for, then a slash
/// and the address family, or `ranges`: `zone.dmz`, `zones.eth0.100/v4`, `forward_zone.dmz.br-/`, `service.dmz.ssh`. A slash at an
/// interface's end stands for the `*` of a pattern. Zones and services have no dot in their names and interfaces no
/// slash, and a word that is followed by a service is never followed by an interface in its place, so two different things
/// never get the same name, whatever the profile calls them; and no word is a keyword of nft(8).
///
/// At most 63 + 63 + 15 bytes come from the profile; the kernel takes 255 (`NFT_NAME_MAXLEN`). Chains have names apart from
/// those of sets and maps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    word: Cow<'static, str>,
    zone: Option<ZoneName>,
    service: Option<ServiceName>,
    interface: Option<InterfacePattern>,
    family: Option<Family>,
    ranges: bool,
}

impl Name {
    /// A word of ours: letters, digits and `_`.
    pub const fn word(word: &'static str) -> Self {
        Self {
            word: Cow::Borrowed(word),
            zone: None,
            service: None,
            interface: None,
            family: None,
            ranges: false,
        }
    }

    /// A name as nft shows it. It is told apart as far as the zone of `zone.dmz`; the rest stays one word.
    pub fn read(shown: &str) -> Self {
        let zone = shown.strip_prefix("zone.").and_then(|zone| zone.parse().ok());
        Self {
            word: Cow::Owned(if zone.is_some() { "zone" } else { shown }.to_owned()),
            zone,
            service: None,
            interface: None,
            family: None,
            ranges: false,
        }
    }

    /// This name, for one zone.
    #[must_use]
    pub fn zone(&self, zone: &ZoneName) -> Self {
        Self {
            zone: Some(zone.clone()),
            ..self.clone()
        }
    }

    /// This name, for one service.
    #[must_use]
    pub fn service(&self, service: &ServiceName) -> Self {
        Self {
            service: Some(service.clone()),
            ..self.clone()
        }
    }

    /// This name, for one interface or pattern of interfaces.
    #[must_use]
    pub fn interface(&self, interface: &InterfacePattern) -> Self {
        Self {
            interface: Some(interface.clone()),
            ..self.clone()
        }
    }

    /// This name, for one address family.
    #[must_use]
    pub fn family(&self, family: Family) -> Self {
        Self {
            family: Some(family),
            ..self.clone()
        }
    }

    /// This name, for what is a range.
    #[must_use]
    pub fn ranges(&self) -> Self {
        Self {
            ranges: true,
            ..self.clone()
        }
    }

    /// The zone that it is for.
    pub fn of_zone(&self) -> Option<&ZoneName> {
        self.zone.as_ref()
    }
}

impl fmt::Display for Name {
    /// As nft reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if let Some(zone) = &self.zone {
            write!(f, ".{zone}")?;
        }
        if let Some(service) = &self.service {
            write!(f, ".{service}")?;
        }
        if let Some(interface) = &self.interface {
            match interface.starts_with() {
                Some(start) => write!(f, ".{start}/")?,
                None => write!(f, ".{interface}")?,
            }
        }
        match self.family {
            Some(Family::Ipv4) => f.write_str("/v4"),
            Some(Family::Ipv6) => f.write_str("/v6"),
            None if self.ranges => f.write_str("/ranges"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_things_have_different_names() {
        let word = Name::word("from");
        let interface = |written: &str| word.interface(&written.parse().unwrap());
        assert_eq!(interface("eth0.100").to_string(), "from.eth0.100");
        assert_eq!(interface("br-*").to_string(), "from.br-/");
        assert_eq!(interface("br-*").family(Family::Ipv4).to_string(), "from.br-//v4");
        assert_ne!(interface("br-").to_string(), interface("br-*").to_string());
        let zone = Name::word("zone").zone(&"drop".parse().unwrap());
        assert_eq!(zone.to_string(), "zone.drop");
        assert_eq!(zone.interface(&"eth0".parse().unwrap()).to_string(), "zone.drop.eth0");
        assert_eq!(zone.ranges().to_string(), "zone.drop/ranges");
        assert_eq!(Name::read("zone.drop"), zone);
        assert_eq!(Name::read("zone.drop.eth0").to_string(), "zone.drop.eth0");
    }
}
