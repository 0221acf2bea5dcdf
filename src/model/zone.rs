//! `network.security.firewall-zones`: the host's zones.

use std::collections::BTreeMap;

use super::FieldPath;
use crate::net::{InterfaceName, InterfacePattern, LogPrefix, PacketRate, PortSet, Prefix, ServiceName, ZoneName};

/// The zone firewall of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallZones {
    /// `defaultPolicy`: what happens to new connections that no zone admits.
    pub default_policy: DefaultPolicy,
    /// `enableLogging`: log what the policy refuses.
    pub logging: bool,
    /// `logPrefix`.
    pub log_prefix: LogPrefix,
    /// `logRateLimit` and `logRateLimitBurst`: lines in the log, for all sources together.
    pub log_limit: RateLimit,
    /// `enableRateLimiting`: limit new connections per source address before anything is admitted.
    pub rate_limiting: bool,
    /// `rateLimit`: new connections per source address.
    pub rate_limit: PacketRate,
    /// `rateLimitBurst`: new connections above the rate that are still let through.
    pub rate_limit_burst: u32,
    /// `reversePath`: what is asked of the way back to a source; what the host's tailscale needs where nothing is said.
    pub reverse_path: Option<ReversePathMode>,
    /// `blockBogons`: refuse, on WAN interfaces, sources that cannot come from the internet. Where nothing is said, on those
    /// whose own addresses are all public.
    pub block_bogons: Option<bool>,
    /// `accounting`: count all packets by zone and service, and not only those that begin a connection.
    pub accounting: bool,
    /// `flowtable`: interfaces between which established connections of others go past the rules.
    pub flowtable: Vec<InterfaceName>,
    /// The enabled zones by name.
    pub zones: BTreeMap<ZoneName, Zone>,
    /// Options about the log of all zones that change nothing of it.
    pub idle: Vec<Idle>,
}

/// An option that is written about a thing that is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// The option.
    pub option: &'static str,
    /// The option beside it that would switch the thing on.
    pub switch: &'static str,
    /// Whether that one is written, and says no.
    pub is_written: bool,
}

/// A rate with what may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many, on the whole.
    pub rate: PacketRate,
    /// How many at once.
    pub burst: u32,
}

/// What happens to a new connection that no zone admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultPolicy {
    /// Silence.
    Drop,
    /// A TCP reset or an ICMP "administratively prohibited" (nftables has no such chain policy: the chain's policy is
    /// drop and its last rule rejects).
    Reject,
    /// It is let in.
    Accept,
}

impl DefaultPolicy {
    /// `drop`, `reject`, `accept`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Accept => "accept",
        }
    }
}

/// One enabled zone: who is in it and what it may reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its name.
    pub name: ZoneName,
    /// What is answerable for it: its own group, or the one that brought it by default.
    pub origin: FieldPath,
    /// Who is in it; never an address that is not bound to an interface.
    pub members: Vec<ZoneMember>,
    /// Elements of `allowedIPs` that lie behind no known interface and therefore match nothing.
    pub unbound: Vec<(Prefix, FieldPath)>,
    /// `allowedTCPPorts`.
    pub tcp: PortSet,
    /// `allowedUDPPorts`.
    pub udp: PortSet,
    /// `allowedServices`.
    pub services: Vec<AllowedService>,
    /// `allowAllServices`: every port and protocol.
    pub allow_all: bool,
    /// `forwardedTCPPorts`, `forwardedUDPPorts`, `forwardedServices`: what connections forwarded *into* this zone may
    /// reach in it; `None` where the profile does not narrow it.
    pub forwarded: Option<Forwarded>,
    /// `denyInterzone`: nothing is forwarded from this zone to another or the other way round.
    pub deny_interzone: bool,
    /// `forwardTo`: zones that connections from this one are forwarded to, with the field that says so.
    pub forward_to: Vec<(ZoneName, FieldPath)>,
    /// `enableRateLimiting`, `rateLimit`, `rateLimitBurst` of the zone.
    pub limit: ZoneLimit,
    /// `serviceRateLimits`: further limits, each for the new connections of one service.
    pub service_limits: Vec<ServiceLimit>,
    /// `enableLogging`, `logPrefix`, `logRateLimit`, `logRateLimitBurst` of the zone.
    pub log: ZoneLog,
    /// `reversePath` of the zone, in place of the common one.
    pub reverse_path: Option<ReversePathMode>,
    /// `allowedEgressIPs`, `allowedEgressTCPPorts`, `allowedEgressUDPPorts`, `allowedEgressServices`: what this host itself may
    /// reach in the zone; `None` where the profile does not narrow it.
    pub egress: Option<Egress>,
    /// Options about its log or its limit that change nothing.
    pub idle: Vec<Idle>,
}

impl Zone {
    /// The path of one of its options.
    pub fn field(&self, name: &str) -> FieldPath {
        self.origin.name(name)
    }
}

/// How many new connections a source may open from a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneLimit {
    /// As many as the zones' common `rateLimit` allows.
    Common,
    /// As many as it likes.
    Off,
    /// As many as the zone itself says, counted by itself.
    Own(RateLimit),
}

/// A limit of `serviceRateLimits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLimit {
    /// The service, with the attribute that names it.
    pub service: AllowedService,
    /// New connections per source address.
    pub limit: RateLimit,
}

/// What is asked of the way back to a source (RFC 3704).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversePathMode {
    /// It leads by the interface that the packet came in by.
    Strict,
    /// There is one.
    Loose,
    /// Nothing.
    Off,
}

impl ReversePathMode {
    /// `strict`, `loose`, `off`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Loose => "loose",
            Self::Off => "off",
        }
    }
}

/// What is logged of what a zone is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneLog {
    /// What is logged of others.
    Common,
    /// Nothing.
    Off,
    /// The same with a prefix or a limit of its own.
    Own {
        /// What its lines begin with.
        prefix: LogPrefix,
        /// Lines in the log, for all sources together.
        limit: RateLimit,
    },
}

/// What connections that are forwarded into a zone may reach in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forwarded {
    /// `forwardedTCPPorts`.
    pub tcp: PortSet,
    /// `forwardedUDPPorts`.
    pub udp: PortSet,
    /// `forwardedServices`: names of the registry of known services (the hosts behind the interface offer them).
    pub services: Vec<AllowedService>,
}

/// What this host itself may reach in a zone: the addresses, and on them the ports.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Egress {
    /// `allowedEgressIPs`, with their elements; all addresses of the zone where it is not written.
    pub prefixes: Option<Vec<(Prefix, FieldPath)>>,
    /// `allowedEgressTCPPorts`, `allowedEgressUDPPorts`, `allowedEgressServices` (names of the registry of known services);
    /// everything where none of them is written.
    pub ports: Option<Forwarded>,
}

/// One way to be in a zone: by interface, narrowed to a source prefix where there is one. Within an interface the
/// longest prefix wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneMember {
    /// The interface that the packet comes in by.
    pub interface: InterfacePattern,
    /// The source prefix.
    pub prefix: Option<Prefix>,
    /// The element of `interfaces` or `allowedIPs` that says so.
    pub origin: FieldPath,
}

/// One element of `allowedServices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedService {
    /// A service of this host's proxy, or a name of the registry of known services.
    pub name: ServiceName,
    /// The element of the list.
    pub origin: FieldPath,
}
