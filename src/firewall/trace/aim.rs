//! From what a person says of a packet to the way that it takes.

use std::fmt;
use std::net::IpAddr;

use super::Way;
use crate::firewall::ruleset::PacketType;
use crate::model::{FieldPath, Host};
use crate::net::{InterfaceName, Prefix};

/// One end of a packet's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The host itself, by whatever address of its own.
    Host,
    /// An address, of the host or of another one.
    Address(IpAddr),
}

impl End {
    /// The address, if one is said.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Host => None,
            Self::Address(address) => Some(address),
        }
    }
}

/// Which packets a hook is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the host itself.
    ToHost,
    /// Through the host.
    Through,
    /// From the host itself.
    FromHost,
}

/// What a person says of a packet's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aim {
    /// Where it goes, where that is said.
    pub direction: Option<Direction>,
    /// The interface that it comes in by.
    pub input: Option<InterfaceName>,
    /// The interface that it leaves by.
    pub output: Option<InterfaceName>,
    /// The source.
    pub source: End,
    /// The destination.
    pub destination: End,
}

/// What was found out about a packet from the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inference {
    /// The destination is an address of the host's own, in this field.
    Own(IpAddr, FieldPath),
    /// Everybody on a link is meant, or the host by an address that no router passes on.
    NotForwarded(IpAddr),
    /// The destination is no address of the host's own, so the packet passes through.
    Elsewhere(IpAddr),
    /// It leaves by the interface with this prefix, in this field.
    LeavesTo(InterfaceName, Prefix, FieldPath),
    /// It leaves by the tailnet interface.
    LeavesToTailnet(InterfaceName),
    /// It leaves by the only way to the internet.
    LeavesByUplink(InterfaceName),
}

/// What has to be said of a packet, because the profile does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaid {
    /// Whether this address is one of the host's own.
    Direction(IpAddr),
    /// The interface that it comes in by.
    Input,
    /// The interface that it leaves by.
    Output,
}

impl Aim {
    /// The way that the packet takes, and what of that was found out.
    ///
    /// # Errors
    /// Where something has to be said that the profile does not tell.
    pub fn way(&self, host: &Host) -> Result<(Way, Vec<Inference>), Unsaid> {
        let mut found = Vec::new();
        let direction = match (self.direction, self.source, self.destination) {
            (Some(direction), ..) => direction,
            (None, End::Host, _) => Direction::FromHost,
            (None, _, End::Host) => Direction::ToHost,
            (None, _, End::Address(address)) => self.direction_to(host, address, &mut found)?,
        };
        let input = || self.input.clone().ok_or(Unsaid::Input);
        let way = match direction {
            Direction::ToHost => Way::ToHost { input: input()? },
            Direction::Through => Way::Through {
                input: input()?,
                output: self.output(host, &mut found)?,
            },
            Direction::FromHost => Way::FromHost {
                output: self.output(host, &mut found)?,
            },
        };
        Ok((way, found))
    }

    /// Whom the link layer brings the packet to.
    pub fn link(&self, host: &Host) -> PacketType {
        match self.destination {
            End::Address(IpAddr::V4(address)) if address.is_broadcast() || is_last(host, address.into()) => {
                PacketType::Broadcast
            }
            End::Address(address) if address.is_multicast() => PacketType::Multicast,
            End::Host | End::Address(_) => PacketType::Host,
        }
    }

    fn direction_to(&self, host: &Host, address: IpAddr, found: &mut Vec<Inference>) -> Result<Direction, Unsaid> {
        if let Some(field) = own(host).find_map(|(own, field)| (own == address).then_some(field)) {
            found.push(Inference::Own(address, field));
            return Ok(Direction::ToHost);
        }
        if is_never_forwarded(address) || is_last(host, address) {
            found.push(Inference::NotForwarded(address));
            return Ok(Direction::ToHost);
        }
        // Where the way out is said, the way through is meant.
        if self.output.is_none() && may_be_own(host, address) {
            return Err(Unsaid::Direction(address));
        }
        found.push(Inference::Elsewhere(address));
        Ok(Direction::Through)
    }

    /// The interface that a packet leaves by: the one that is said, or that the host's routes would choose as far as the
    /// profile tells.
    fn output(&self, host: &Host, found: &mut Vec<Inference>) -> Result<InterfaceName, Unsaid> {
        if let Some(output) = &self.output {
            return Ok(output.clone());
        }
        let address = self.destination.address().ok_or(Unsaid::Output)?;
        let attached = host
            .attached_prefixes()
            .filter(|(_, prefix, _)| prefix.contains(address));
        if let Some((interface, prefix, field)) = attached.max_by_key(|(_, prefix, _)| prefix.len()) {
            found.push(Inference::LeavesTo(interface.clone(), prefix, field));
            return Ok(interface.clone());
        }
        if let Some(tailnet) = host.tailnet_interface().filter(|_| is_tailnet(address)) {
            found.push(Inference::LeavesToTailnet(tailnet.clone()));
            return Ok(tailnet.clone());
        }
        let [uplink] = host.uplinks()[..] else {
            return Err(Unsaid::Output);
        };
        found.push(Inference::LeavesByUplink(uplink.clone()));
        Ok(uplink.clone())
    }
}

/// The host's own addresses, as far as the profile tells.
fn own(host: &Host) -> impl Iterator<Item = (IpAddr, FieldPath)> {
    host.attached_prefixes()
        .zip(host.interfaces.values().flat_map(|interface| &interface.addresses))
        .filter(|(_, attached)| !attached.is_network())
        .map(|((_, _, field), attached)| (attached.address(), field))
}

/// Whether an address may be one of the host's own that the profile does not tell.
fn may_be_own(host: &Host, address: IpAddr) -> bool {
    let knows_family = own(host).any(|(own, _)| own.is_ipv4() == address.is_ipv4());
    // The address on a link is not told where only its prefix is written.
    let mut links = host
        .attached_prefixes()
        .filter(|(_, prefix, _)| prefix.contains(address));
    let knows_link = links.all(|(_, prefix, _)| own(host).any(|(own, _)| prefix.contains(own)));
    let knows_tailnet = own(host).any(|(own, _)| is_tailnet(own));
    !knows_family || !knows_link || (is_tailnet(address) && host.tailscale.is_some() && !knows_tailnet)
}

fn is_tailnet(address: IpAddr) -> bool {
    [Prefix::TAILNET_V4, Prefix::TAILNET_V6]
        .iter()
        .any(|prefix| prefix.contains(address))
}

/// Whether no router passes on what goes there.
fn is_never_forwarded(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_link_local() || address.is_broadcast() || address.is_multicast()
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local() || address.is_multicast(),
    }
}

/// Whether it is the last address of an attached IPv4 prefix: everybody there.
fn is_last(host: &Host, address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else { return false };
    host.attached_prefixes().any(|(_, prefix, _)| {
        // Links of two or of one have no such address (RFC 3021).
        let host_bits = u32::MAX.checked_shr(prefix.len().into()).unwrap_or(0);
        prefix.len() < 31 && prefix.contains(address.into()) && u32::from(address) & host_bits == host_bits
    })
}

impl fmt::Display for Inference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(address, field) => write!(f, "{address} is the host's own ({field})"),
            Self::NotForwarded(address) => write!(f, "{address} is forwarded by nobody: the packet is for the host"),
            Self::Elsewhere(address) => {
                write!(
                    f,
                    "{address} is none of the host's own addresses: the packet passes through"
                )
            }
            Self::LeavesTo(interface, prefix, field) => {
                write!(f, "it leaves by {interface}, which has {prefix} ({field})")
            }
            Self::LeavesToTailnet(interface) => write!(f, "it leaves by {interface}, to the tailnet"),
            Self::LeavesByUplink(interface) => {
                write!(
                    f,
                    "it leaves by {interface}, the only way to the internet that the profile tells of"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile;

    fn host(text: &str) -> Host {
        let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| Err(String::new()));
        profile.fleet.unwrap().hosts.into_values().next().unwrap()
    }

    const ROUTER: &str = "{ host.name = \"a\";
        host.interfaces.eth0 = { role = \"wan\"; prefixes = [ \"203.0.113.10/24\" \"2001:db8::1/64\" ]; };
        host.interfaces.lan0 = { role = \"lan\"; prefixes = [ \"10.0.0.1/8\" ]; };
        host.interfaces.lan1 = { role = \"lan\"; prefixes = [ \"10.1.0.1/16\" ]; };
        network.vpn.tailscale.enable = true; }";

    /// Where a packet to an address goes: `to the host` or the interface that it leaves by.
    fn goes(host: &Host, destination: &str) -> Result<String, Unsaid> {
        let aim = Aim {
            direction: None,
            input: "lan0".parse().ok(),
            output: None,
            source: End::Address("10.0.0.7".parse().unwrap()),
            destination: destination.parse().map_or(End::Host, End::Address),
        };
        let (way, found) = aim.way(host)?;
        assert_eq!(found.is_empty(), aim.destination == End::Host, "{found:?}");
        Ok(match way {
            Way::ToHost { .. } => "to the host".to_owned(),
            Way::Through { output, .. } => output.to_string(),
            Way::FromHost { .. } => panic!("{destination}"),
        })
    }

    #[test]
    fn the_profile_tells_where_a_packet_goes() {
        let router = host(ROUTER);
        for (destination, way) in [
            ("HOST", "to the host"),
            ("10.1.0.1", "to the host"),
            ("2001:db8::1", "to the host"),
            ("10.2.0.1", "lan0"),
            ("10.1.0.2", "lan1"),
            ("9.9.9.9", "eth0"),
            ("2606:4700::1", "eth0"),
            // Everybody there, and what no router passes on.
            ("10.1.255.255", "to the host"),
            ("255.255.255.255", "to the host"),
            ("224.0.0.251", "to the host"),
            ("ff02::1", "to the host"),
            ("fe80::1", "to the host"),
            ("127.0.0.1", "to the host"),
        ] {
            assert_eq!(goes(&router, destination).as_deref(), Ok(way), "{destination}");
        }
    }

    #[test]
    fn what_the_profile_does_not_tell_has_to_be_said() {
        let router = host(ROUTER);
        let peer: IpAddr = "100.64.0.7".parse().unwrap();
        assert_eq!(
            goes(&router, "100.64.0.7"),
            Err(Unsaid::Direction(peer)),
            "it may be the host's own"
        );
        let silent = host("{ host.name = \"a\"; host.interfaces.eth0.prefixes = [ \"10.0.0.0/8\" ]; }");
        let near: IpAddr = "10.0.0.7".parse().unwrap();
        assert_eq!(
            goes(&silent, "10.0.0.7"),
            Err(Unsaid::Direction(near)),
            "only the prefix is known"
        );
        let mut aim = Aim {
            direction: Some(Direction::Through),
            input: None,
            output: None,
            source: End::Address(near),
            destination: End::Address(peer),
        };
        assert_eq!(aim.way(&router), Err(Unsaid::Input));
        aim.input = "lan0".parse().ok();
        let (way, found) = aim.way(&router).unwrap();
        assert_eq!(way.output().unwrap().as_str(), "tailscale0");
        assert_eq!(found.len(), 1);
        let two = host(
            "{ host.name = \"a\"; host.interfaces.w1 = { role = \"wan\"; prefixes = [ \"192.0.2.1/24\" ]; }; host.interfaces.w2.role = \"wan\"; }",
        );
        assert_eq!(goes(&two, "9.9.9.9"), Err(Unsaid::Output), "two ways to the internet");
        aim.output = "w2".parse().ok();
        assert_eq!(aim.way(&two).unwrap().1, [], "said, not found");
        let from = Aim {
            direction: None,
            source: End::Host,
            ..aim
        };
        assert!(matches!(from.way(&two), Ok((Way::FromHost { .. }, _))));
    }

    #[test]
    fn the_link_layer_knows_whom_a_packet_is_for() {
        let router = host(ROUTER);
        let link = |destination: &str| {
            let aim = Aim {
                direction: None,
                input: None,
                output: None,
                source: End::Host,
                destination: destination.parse().map_or(End::Host, End::Address),
            };
            aim.link(&router)
        };
        assert_eq!(link("HOST"), PacketType::Host);
        assert_eq!(link("10.1.0.1"), PacketType::Host);
        assert_eq!(link("10.1.255.255"), PacketType::Broadcast);
        assert_eq!(link("255.255.255.255"), PacketType::Broadcast);
        assert_eq!(link("224.0.0.1"), PacketType::Multicast);
        assert_eq!(link("ff02::1"), PacketType::Multicast);
    }
}
