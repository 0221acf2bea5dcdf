//! The packet that is asked about.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::firewall::ruleset::{ConntrackState, Family, PacketType};
use crate::net::{InterfaceName, Transport};

/// A packet, with what the kernel knows of it before any rule is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Which hooks it passes, and by which interfaces.
    pub way: Way,
    /// Its addresses.
    pub ends: Ends,
    /// What it carries.
    pub payload: Payload,
    /// What connection tracking makes of it.
    pub state: ConntrackState,
    /// Whom the link layer brought it to.
    pub link: PacketType,
    /// Its mark; 0 where nobody has set one. tailscaled marks what it sends itself.
    pub mark: u32,
}

/// The way of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To the host itself.
    ToHost {
        /// The interface that it came in by.
        input: InterfaceName,
    },
    /// Through the host.
    Through {
        /// The interface that it came in by.
        input: InterfaceName,
        /// The interface that it will leave by.
        output: InterfaceName,
    },
    /// From the host itself.
    FromHost {
        /// The interface that it will leave by.
        output: InterfaceName,
    },
}

impl Way {
    /// The interface that the packet came in by.
    pub fn input(&self) -> Option<&InterfaceName> {
        match self {
            Self::ToHost { input } | Self::Through { input, .. } => Some(input),
            Self::FromHost { .. } => None,
        }
    }

    /// The interface that it will leave by.
    pub fn output(&self) -> Option<&InterfaceName> {
        match self {
            Self::Through { output, .. } | Self::FromHost { output } => Some(output),
            Self::ToHost { .. } => None,
        }
    }
}

/// Source and destination, of one family. An address that is `None` is one of the host's own, whichever that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// IPv4.
    V4 {
        /// The source.
        source: Option<Ipv4Addr>,
        /// The destination.
        destination: Option<Ipv4Addr>,
    },
    /// IPv6.
    V6 {
        /// The source.
        source: Option<Ipv6Addr>,
        /// The destination.
        destination: Option<Ipv6Addr>,
    },
}

impl Ends {
    /// Two addresses; `None` where they are of two families, or where neither tells the family.
    pub fn new(source: Option<IpAddr>, destination: Option<IpAddr>) -> Option<Self> {
        let four = |address| match address {
            None => Some(None),
            Some(IpAddr::V4(address)) => Some(Some(address)),
            Some(IpAddr::V6(_)) => None,
        };
        let six = |address| match address {
            None => Some(None),
            Some(IpAddr::V6(address)) => Some(Some(address)),
            Some(IpAddr::V4(_)) => None,
        };
        match source.or(destination)? {
            IpAddr::V4(_) => Some(Self::V4 {
                source: four(source)?,
                destination: four(destination)?,
            }),
            IpAddr::V6(_) => Some(Self::V6 {
                source: six(source)?,
                destination: six(destination)?,
            }),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        match self {
            Self::V4 { .. } => Family::Ipv4,
            Self::V6 { .. } => Family::Ipv6,
        }
    }

    /// The source.
    pub fn source(&self) -> Option<IpAddr> {
        match *self {
            Self::V4 { source, .. } => source.map(IpAddr::from),
            Self::V6 { source, .. } => source.map(IpAddr::from),
        }
    }

    /// The destination.
    pub fn destination(&self) -> Option<IpAddr> {
        match *self {
            Self::V4 { destination, .. } => destination.map(IpAddr::from),
            Self::V6 { destination, .. } => destination.map(IpAddr::from),
        }
    }
}

/// What a packet carries above IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// A TCP segment or UDP datagram.
    Ports {
        /// Which of the two.
        transport: Transport,
        /// The source port; `None` where it is not known.
        source: Option<u16>,
        /// The destination port; `None` where it is not known.
        destination: Option<u16>,
    },
    /// An ICMP message of this type (protocol 1, of whatever family the packet is).
    Icmp(u8),
    /// An ICMPv6 message of this type (protocol 58, of whatever family the packet is).
    Icmpv6(u8),
    /// Something of another protocol (IANA protocol number), about whose inside nothing is known.
    Other(u8),
    /// A fragment that is not the first one: it carries no transport header. Connection tracking puts fragments
    /// together before any chain of a compiled ruleset, so these meet such fragments only where tracking is off.
    Fragment(u8),
}

impl Payload {
    /// The protocol number above IP.
    pub fn protocol(&self) -> u8 {
        match self {
            Self::Ports { transport, .. } => match transport {
                Transport::Tcp => 6,
                Transport::Udp => 17,
            },
            Self::Icmp(_) => 1,
            Self::Icmpv6(_) => 58,
            Self::Other(protocol) | Self::Fragment(protocol) => *protocol,
        }
    }

    /// What connection tracking makes of a packet that belongs to nothing: one that can begin a connection is new.
    /// Messages of ICMP that answer or report something are invalid, and what neighbours, listeners and multicast routers
    /// find each other by (RFC 4861, RFC 3810, RFC 4286) is left alone: `valid_new` and `noct_valid_new` of
    /// `nf_conntrack_proto_icmp.c` and `nf_conntrack_proto_icmpv6.c`.
    pub fn unbidden(&self) -> ConntrackState {
        match self {
            Self::Icmpv6(130..=136 | 143 | 151 | 152) => ConntrackState::Untracked,
            Self::Icmp(kind) if !matches!(kind, 8 | 13 | 15 | 17) => ConntrackState::Invalid,
            Self::Icmpv6(kind) if !matches!(kind, 128 | 139) => ConntrackState::Invalid,
            Self::Icmp(_) | Self::Icmpv6(_) | Self::Ports { .. } | Self::Other(_) | Self::Fragment(_) => {
                ConntrackState::New
            }
        }
    }
}
