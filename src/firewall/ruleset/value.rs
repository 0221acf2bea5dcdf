//! Values that a packet's fields are compared with.

use super::AddressRange;
use crate::net::{IcmpType, Icmpv6Type, InterfaceName, InterfacePattern, PortRange};

/// What a field of a packet is compared with. It belongs to one kind of [`Selector`](super::Selector).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// An interface, or all whose name begins alike.
    Interface(InterfacePattern),
    /// Addresses.
    Addresses(AddressRange),
    /// A protocol above IP.
    Protocol(Protocol),
    /// Ports.
    Ports(PortRange),
    /// A state of connection tracking.
    State(ConntrackState),
    /// A type of ICMP message.
    Icmp(IcmpType),
    /// A type of ICMPv6 message.
    Icmpv6(Icmpv6Type),
    /// An address family.
    Family(Family),
    /// Whom the link layer brought the packet to.
    PacketType(PacketType),
}

impl Value {
    /// Whether it is the loopback interface.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Interface(pattern) if pattern.exact().is_some_and(InterfaceName::is_loopback))
    }
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// The length of an address in bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Ipv4 => 32,
            Self::Ipv6 => 128,
        }
    }

    /// `ipv4` or `ipv6`, as nft calls the value of `meta nfproto`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }
}

/// A protocol above IP (IANA protocol numbers) that the firewall tells from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// ICMP, 1.
    Icmp,
    /// TCP, 6.
    Tcp,
    /// UDP, 17.
    Udp,
    /// ICMPv6, 58.
    Icmpv6,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Icmp, Self::Tcp, Self::Udp, Self::Icmpv6];

    /// The name in nft (`nft describe inet_proto`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmpv6 => "ipv6-icmp",
        }
    }
}

impl From<crate::net::Transport> for Protocol {
    fn from(transport: crate::net::Transport) -> Self {
        match transport {
            crate::net::Transport::Tcp => Self::Tcp,
            crate::net::Transport::Udp => Self::Udp,
        }
    }
}

/// What connection tracking knows of a packet (nft(8), CONNTRACK EXPRESSIONS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConntrackState {
    /// It fits no connection and begins none.
    Invalid,
    /// It belongs to a connection that has seen packets both ways.
    Established,
    /// It belongs to a connection in another way, as an ICMP error does.
    Related,
    /// It begins a connection.
    New,
    /// Connection tracking leaves it alone, as it does neighbour discovery.
    Untracked,
}

impl ConntrackState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Invalid,
        Self::Established,
        Self::Related,
        Self::New,
        Self::Untracked,
    ];

    /// The name in nft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Established => "established",
            Self::Related => "related",
            Self::New => "new",
            Self::Untracked => "untracked",
        }
    }
}

/// Whom the link layer brought a packet to (`meta pkttype`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketType {
    /// This host alone.
    Host,
    /// Everybody on the link.
    Broadcast,
    /// A group.
    Multicast,
}

impl PacketType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Host, Self::Broadcast, Self::Multicast];

    /// The name in nft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
        }
    }
}
