//! What is sent.

use std::net::IpAddr;

use tailwright::net::InterfaceName;

use super::topology;

/// A packet that comes in by an interface of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The interface that it comes in by. On `lo` it is one that the host sends, to itself or to others.
    pub iif: InterfaceName,
    /// The source address, true or forged.
    pub src: IpAddr,
    /// The destination address, of the same family.
    pub dst: IpAddr,
    /// What it carries.
    pub kind: PacketKind,
    /// What came before it.
    pub history: History,
    /// In how many pieces it comes.
    pub fragments: Fragments,
}

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketKind {
    /// A TCP segment.
    Tcp {
        /// The source port.
        source: u16,
        /// The destination port.
        destination: u16,
        /// Its flags.
        flags: TcpFlags,
    },
    /// A UDP datagram.
    Udp {
        /// The source port.
        source: u16,
        /// The destination port.
        destination: u16,
    },
    /// An ICMP message: protocol 1, over either family.
    Icmp {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// An ICMPv6 message: protocol 58, over either family.
    Icmpv6 {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// Something of another protocol (47 is GRE, 50 ESP).
    Other {
        /// Its number.
        protocol: u8,
    },
}

/// Flags of a TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpFlags {
    /// SYN: opens a connection.
    Syn,
    /// SYN and ACK: the answer to it.
    SynAck,
    /// ACK alone: somewhere in a connection.
    Ack,
    /// FIN and ACK: the end of one side.
    FinAck,
    /// RST.
    Rst,
}

impl TcpFlags {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Syn, Self::SynAck, Self::Ack, Self::FinAck, Self::Rst];

    /// The byte on the wire (RFC 9293 §3.1).
    pub const fn byte(self) -> u8 {
        match self {
            Self::Syn => 0x02,
            Self::SynAck => 0x12,
            Self::Ack => 0x10,
            Self::FinAck => 0x11,
            Self::Rst => 0x04,
        }
    }
}

/// What came before a packet. What connection tracking makes of that is the kernel's affair and part of the observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum History {
    /// Nothing.
    None,
    /// A packet of the opposite direction, that the host sent: this one answers it.
    Reply,
    /// A UDP packet of the opposite direction: this one is an ICMP error about it.
    ErrorAbout,
}

/// In how many pieces a packet comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fragments {
    /// In one.
    Whole,
    /// In two, one after the other.
    Both,
    /// In two, the last one first.
    Reversed,
    /// The first of two alone; it carries the ports.
    FirstAlone,
    /// The last of two alone; it carries none.
    LastAlone,
}

impl PacketKind {
    /// A SYN to `destination` from a port that nobody listens at.
    pub fn tcp(destination: u16) -> Self {
        Self::Tcp {
            source: 51_966,
            destination,
            flags: TcpFlags::Syn,
        }
    }

    /// A datagram to `destination` from a port that nobody listens at.
    pub fn udp(destination: u16) -> Self {
        Self::Udp {
            source: 51_966,
            destination,
        }
    }

    /// A ping of the family of `address`.
    pub fn ping(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Icmp { kind: 8, code: 0 },
            IpAddr::V6(_) => Self::Icmpv6 { kind: 128, code: 0 },
        }
    }

    /// An ICMP error of the family of `address`: destination unreachable, by a router.
    pub fn unreachable(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Icmp { kind: 3, code: 1 },
            IpAddr::V6(_) => Self::Icmpv6 { kind: 1, code: 0 },
        }
    }

    /// The protocol number above IP.
    pub const fn protocol(self) -> u8 {
        match self {
            Self::Tcp { .. } => 6,
            Self::Udp { .. } => 17,
            Self::Icmp { .. } => 1,
            Self::Icmpv6 { .. } => 58,
            Self::Other { protocol } => protocol,
        }
    }

    /// Whether it is an error message about another packet (RFC 792, RFC 4443 §2.1), which carries that packet's beginning.
    pub const fn is_error(self) -> bool {
        match self {
            Self::Icmp { kind, .. } => matches!(kind, 3 | 4 | 5 | 11 | 12),
            Self::Icmpv6 { kind, .. } => matches!(kind, 1..=4),
            _ => false,
        }
    }

    /// Whether it is an echo request.
    pub const fn is_ping(self) -> bool {
        matches!(self, Self::Icmp { kind: 8, .. } | Self::Icmpv6 { kind: 128, .. })
    }

    /// What the other side sent first, if this answers it.
    pub const fn answered(self) -> Option<Self> {
        match self {
            Self::Tcp {
                source,
                destination,
                flags,
            } => Some(Self::Tcp {
                source: destination,
                destination: source,
                flags: match flags {
                    TcpFlags::SynAck => TcpFlags::Syn,
                    // Tracking picks up a connection that it has not seen from the beginning.
                    _ => TcpFlags::Ack,
                },
            }),
            Self::Udp { source, destination } => Some(Self::Udp {
                source: destination,
                destination: source,
            }),
            Self::Icmp { kind: 0, code } => Some(Self::Icmp { kind: 8, code }),
            Self::Icmpv6 { kind: 129, code } => Some(Self::Icmpv6 { kind: 128, code }),
            Self::Icmp { .. } | Self::Icmpv6 { .. } => None,
            Self::Other { protocol } => Some(Self::Other { protocol }),
        }
    }
}

impl Packet {
    /// A packet out of nothing and in one piece.
    ///
    /// # Panics
    /// Where an address is none, they are of two families, or the interface's name cannot be one.
    pub fn new(iif: &str, src: &str, dst: &str, kind: PacketKind) -> Self {
        let address = |text: &str| text.parse::<IpAddr>().unwrap_or_else(|error| panic!("{text}: {error}"));
        let (src, dst) = (address(src), address(dst));
        assert_eq!(src.is_ipv4(), dst.is_ipv4(), "{src} and {dst}");
        Self {
            iif: iif.parse().expect("an interface name"),
            src,
            dst,
            kind,
            history: History::None,
            fragments: Fragments::Whole,
        }
    }

    /// Whether its sender is told for certain, and seen to be told, where a rule rejects it. Otherwise a rejected packet may
    /// look dropped: nobody answers groups, errors and those who do not exist (RFC 1122 §3.2.2, RFC 4443 §2.4).
    pub fn is_surely_answered(&self) -> bool {
        let is_error = match self.kind {
            PacketKind::Tcp { flags, .. } => flags == TcpFlags::Rst,
            // The kernel takes for errors the types without a meaning, too.
            PacketKind::Icmp { kind, .. } => !matches!(kind, 0 | 8 | 13 | 14 | 15 | 16 | 17 | 18),
            PacketKind::Icmpv6 { kind, .. } => kind < 128,
            PacketKind::Udp { .. } | PacketKind::Other { .. } => false,
        };
        self.iif.as_str() != "lo" && !is_error && topology::is_elsewhere(self.src) && topology::is_one_host(self.dst)
    }

    /// Whether the host sends it to others, so that it comes in nowhere.
    pub fn is_own(&self) -> bool {
        self.iif.as_str() == "lo" && topology::is_elsewhere(self.dst)
    }

    /// The packet, as the answer to one that the host sent.
    #[must_use]
    pub fn reply(mut self) -> Self {
        self.history = History::Reply;
        self
    }

    /// The packet, an ICMP error, about one that the host sent.
    #[must_use]
    pub fn error_about(mut self) -> Self {
        self.history = History::ErrorAbout;
        self
    }

    /// The packet, in pieces.
    #[must_use]
    pub fn in_fragments(mut self, fragments: Fragments) -> Self {
        self.fragments = fragments;
        self
    }
}
