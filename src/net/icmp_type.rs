//! ICMP and ICMPv6 message types.

use std::fmt;

/// An ICMP message type (RFC 792), as far as a host firewall has to admit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum IcmpType {
    /// Answer to a ping.
    EchoReply = 0,
    /// A destination cannot be reached; code 4 carries the path MTU (RFC 1191).
    DestinationUnreachable = 3,
    /// Ping.
    EchoRequest = 8,
    /// A packet's time to live ran out.
    TimeExceeded = 11,
    /// A header field is wrong.
    ParameterProblem = 12,
}

impl IcmpType {
    /// What a host must admit for path MTU discovery, error reports and ping (RFC 1122 §3.2.2, RFC 1191 §3), ascending.
    pub const ADMITTED: [Self; 5] = [
        Self::EchoReply,
        Self::DestinationUnreachable,
        Self::EchoRequest,
        Self::TimeExceeded,
        Self::ParameterProblem,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name in nft (`nft describe icmp type`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::EchoReply => "echo-reply",
            Self::DestinationUnreachable => "destination-unreachable",
            Self::EchoRequest => "echo-request",
            Self::TimeExceeded => "time-exceeded",
            Self::ParameterProblem => "parameter-problem",
        }
    }
}

impl fmt::Display for IcmpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An ICMPv6 message type (RFC 4443 and others), as far as a host firewall has to admit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Icmpv6Type {
    /// A destination cannot be reached.
    DestinationUnreachable = 1,
    /// Carries the path MTU; routers never fragment in IPv6.
    PacketTooBig = 2,
    /// A packet's hop limit ran out.
    TimeExceeded = 3,
    /// A header field is wrong.
    ParameterProblem = 4,
    /// Ping.
    EchoRequest = 128,
    /// Answer to a ping.
    EchoReply = 129,
    /// A router asks for multicast listeners (RFC 2710).
    MldListenerQuery = 130,
    /// A listener reports (RFC 2710).
    MldListenerReport = 131,
    /// A listener leaves (RFC 2710).
    MldListenerDone = 132,
    /// A host looks for routers (RFC 4861).
    NdRouterSolicit = 133,
    /// A router announces itself and its prefixes (RFC 4861).
    NdRouterAdvert = 134,
    /// A host asks for a link-layer address (RFC 4861).
    NdNeighborSolicit = 135,
    /// The answer (RFC 4861).
    NdNeighborAdvert = 136,
    /// Inverse neighbour discovery, question (RFC 3122).
    IndNeighborSolicit = 141,
    /// Inverse neighbour discovery, answer (RFC 3122).
    IndNeighborAdvert = 142,
    /// A listener reports, version 2 (RFC 3810).
    Mld2ListenerReport = 143,
}

impl Icmpv6Type {
    /// Traffic to a host that must not or should not be dropped and that nft has a name for (RFC 4890 §4.4.1 and §4.4.2),
    /// ascending. Redirects are left to the administrator there (§4.4.4), and are not admitted.
    pub const ADMITTED: [Self; 16] = [
        Self::DestinationUnreachable,
        Self::PacketTooBig,
        Self::TimeExceeded,
        Self::ParameterProblem,
        Self::EchoRequest,
        Self::EchoReply,
        Self::MldListenerQuery,
        Self::MldListenerReport,
        Self::MldListenerDone,
        Self::NdRouterSolicit,
        Self::NdRouterAdvert,
        Self::NdNeighborSolicit,
        Self::NdNeighborAdvert,
        Self::IndNeighborSolicit,
        Self::IndNeighborAdvert,
        Self::Mld2ListenerReport,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name in nft (`nft describe icmpv6 type`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::DestinationUnreachable => "destination-unreachable",
            Self::PacketTooBig => "packet-too-big",
            Self::TimeExceeded => "time-exceeded",
            Self::ParameterProblem => "parameter-problem",
            Self::EchoRequest => "echo-request",
            Self::EchoReply => "echo-reply",
            Self::MldListenerQuery => "mld-listener-query",
            Self::MldListenerReport => "mld-listener-report",
            Self::MldListenerDone => "mld-listener-done",
            Self::NdRouterSolicit => "nd-router-solicit",
            Self::NdRouterAdvert => "nd-router-advert",
            Self::NdNeighborSolicit => "nd-neighbor-solicit",
            Self::NdNeighborAdvert => "nd-neighbor-advert",
            Self::IndNeighborSolicit => "ind-neighbor-solicit",
            Self::IndNeighborAdvert => "ind-neighbor-advert",
            Self::Mld2ListenerReport => "mld2-listener-report",
        }
    }
}

impl fmt::Display for Icmpv6Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ascend_and_hold_what_ipv6_cannot_live_without() {
        assert!(
            IcmpType::ADMITTED
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        assert!(
            Icmpv6Type::ADMITTED
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        let numbers: Vec<u8> = Icmpv6Type::ADMITTED.into_iter().map(Icmpv6Type::number).collect();
        for needed in [1, 2, 3, 4, 133, 134, 135, 136] {
            assert!(numbers.contains(&needed), "{needed}");
        }
        assert!(!numbers.contains(&137));
    }
}
