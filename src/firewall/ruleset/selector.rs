//! Fields of a packet and of what the kernel knows about it.

/// A field that rules and maps ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The interface that the packet came in by (`iifname`).
    InputInterface,
    /// The interface that the packet will leave by (`oifname`).
    OutputInterface,
    /// The IPv4 source address.
    SourceV4,
    /// The IPv6 source address.
    SourceV6,
    /// The IPv4 destination address.
    DestinationV4,
    /// The IPv6 destination address.
    DestinationV6,
    /// The address family (`meta nfproto`).
    Family,
    /// The protocol above IP, extension headers skipped (`meta l4proto`).
    Protocol,
    /// The source port of whatever transport (`th sport`).
    SourcePort,
    /// The destination port of whatever transport (`th dport`).
    DestinationPort,
    /// The state of connection tracking.
    State,
    /// The type of an ICMP message.
    IcmpType,
    /// The type of an ICMPv6 message.
    Icmpv6Type,
    /// Whom the link layer brought the packet to.
    PacketType,
}

impl Selector {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::InputInterface,
        Self::OutputInterface,
        Self::SourceV4,
        Self::SourceV6,
        Self::DestinationV4,
        Self::DestinationV6,
        Self::Family,
        Self::Protocol,
        Self::SourcePort,
        Self::DestinationPort,
        Self::State,
        Self::IcmpType,
        Self::Icmpv6Type,
        Self::PacketType,
    ];

    /// The expression in nft.
    pub const fn expression(self) -> &'static str {
        match self {
            Self::InputInterface => "iifname",
            Self::OutputInterface => "oifname",
            Self::SourceV4 => "ip saddr",
            Self::SourceV6 => "ip6 saddr",
            Self::DestinationV4 => "ip daddr",
            Self::DestinationV6 => "ip6 daddr",
            Self::Family => "meta nfproto",
            Self::Protocol => "meta l4proto",
            Self::SourcePort => "th sport",
            Self::DestinationPort => "th dport",
            Self::State => "ct state",
            Self::IcmpType => "icmp type",
            Self::Icmpv6Type => "icmpv6 type",
            Self::PacketType => "meta pkttype",
        }
    }

    /// The data type of nft, for the declaration of a set or map.
    pub const fn data_type(self) -> &'static str {
        match self {
            Self::InputInterface | Self::OutputInterface => "ifname",
            Self::SourceV4 | Self::DestinationV4 => "ipv4_addr",
            Self::SourceV6 | Self::DestinationV6 => "ipv6_addr",
            Self::Family => "nf_proto",
            Self::Protocol => "inet_proto",
            Self::SourcePort | Self::DestinationPort => "inet_service",
            Self::State => "ct_state",
            Self::IcmpType => "icmp_type",
            Self::Icmpv6Type => "icmpv6_type",
            Self::PacketType => "pkt_type",
        }
    }
}
