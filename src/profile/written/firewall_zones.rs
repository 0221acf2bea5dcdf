//! `network.security.firewall-zones`.

use std::collections::BTreeMap;

use super::{group, words};
use crate::net::{
    AddressOrPrefix, InterfaceName, InterfacePattern, LogPrefix, PacketRate, PortRange, ServiceName, ZoneName,
};

group! {
    /// The zone firewall.
    pub struct FirewallZones {
        /// Whether the zone firewall replaces NixOS's own.
        pub enable: Option<bool>,
        /// What happens to new connections that no zone admits; `drop` by default.
        pub default_policy: Option<Policy>,
        /// Whether refused connections are logged.
        pub enable_logging: Option<bool>,
        /// What log lines begin with.
        pub log_prefix: Option<LogPrefix>,
        /// Lines in the log, for all sources together: `5/second` by default.
        pub log_rate_limit: Option<PacketRate>,
        /// Lines above that rate that are still logged; 20 by default.
        pub log_rate_limit_burst: Option<u32>,
        /// Whether new connections are limited per source address, before anything is admitted.
        pub enable_rate_limiting: Option<bool>,
        /// New connections per source address: `50/second` by default.
        pub rate_limit: Option<PacketRate>,
        /// New connections above the rate that are still let through; 100 by default.
        pub rate_limit_burst: Option<u32>,
        /// What is asked of the way back to a packet's source: `strict` (by the interface that it came in by), `loose` (any), or
        /// `off`. By default `strict`, and `loose` on clients and routers of the tailnet.
        pub reverse_path: Option<ReversePath>,
        /// Whether packets from sources that cannot come from the internet are dropped on WAN interfaces; by default on those
        /// whose own `prefixes` are written and all public.
        pub block_bogons: Option<bool>,
        /// Whether all packets to this host are counted by zone and service, for `fw-status`; otherwise only those that begin a
        /// connection are. It makes the others dearer. Off by default.
        pub accounting: Option<bool>,
        /// Interfaces between which forwarded connections go past the rules once they are established, for speed. The kernel
        /// must have flow tables; counters of zones do not see such packets.
        pub flowtable: Option<Vec<InterfaceName>>,
        /// The zones by name.
        pub zones: Option<BTreeMap<ZoneName, Zone>>,
    }
}

words! {
    /// What happens to new connections that no zone admits.
    pub enum Policy {
        /// They are dropped in silence.
        Drop,
        /// They are refused with an answer.
        Reject,
        /// They are let in.
        Accept,
    }
}

words! {
    /// What is asked of the way back to a packet's source.
    pub enum ReversePath {
        /// It leads by the interface that the packet came in by.
        Strict,
        /// There is one.
        Loose,
        /// Nothing.
        Off,
    }
}

group! {
    /// Who is in a zone and what it may reach on this host.
    pub struct Zone {
        /// Whether the zone is used; true by default for a zone that is written.
        pub enable: Option<bool>,
        /// Interfaces whose packets are in the zone; a trailing `*` matches any rest.
        pub interfaces: Option<Vec<InterfacePattern>>,
        /// Source addresses in the zone. They count only on the zone's interfaces, or on those that the prefix lies behind.
        #[serde(rename = "allowedIPs")]
        pub allowed_ips: Option<Vec<AddressOrPrefix>>,
        /// TCP ports of this host: numbers, or ranges such as `"8000-8100"`.
        #[serde(rename = "allowedTCPPorts")]
        pub allowed_tcp_ports: Option<Vec<PortRange>>,
        /// UDP ports of this host.
        #[serde(rename = "allowedUDPPorts")]
        pub allowed_udp_ports: Option<Vec<PortRange>>,
        /// Services of this host's proxy, or known services, by name.
        pub allowed_services: Option<Vec<ServiceName>>,
        /// Whether everything on this host may be reached.
        pub allow_all_services: Option<bool>,
        /// Whether nothing is forwarded between this zone and others.
        pub deny_interzone: Option<bool>,
        /// TCP ports that connections forwarded into this zone may reach in it; everything where none of the
        /// `forwarded…` options is written.
        #[serde(rename = "forwardedTCPPorts")]
        pub forwarded_tcp_ports: Option<Vec<PortRange>>,
        /// UDP ports that connections forwarded into this zone may reach in it.
        #[serde(rename = "forwardedUDPPorts")]
        pub forwarded_udp_ports: Option<Vec<PortRange>>,
        /// Known services that connections forwarded into this zone may reach in it.
        pub forwarded_services: Option<Vec<ServiceName>>,
        /// Zones that connections from this one are forwarded to.
        pub forward_to: Option<Vec<ZoneName>>,
        /// Whether new connections from this zone are limited per source address; as everywhere by default.
        pub enable_rate_limiting: Option<bool>,
        /// New connections per source address from this zone, in place of the common limit.
        pub rate_limit: Option<PacketRate>,
        /// New connections above that rate that are still let through; by default as many as the rate's number.
        pub rate_limit_burst: Option<u32>,
        /// Further limits of new connections per source address, by the name of the service that they are for.
        pub service_rate_limits: Option<BTreeMap<ServiceName, ServiceRateLimit>>,
        /// Whether connections that this zone is refused are logged; as everywhere by default.
        pub enable_logging: Option<bool>,
        /// What the log lines of this zone begin with.
        pub log_prefix: Option<LogPrefix>,
        /// Lines in the log about this zone, for all sources together.
        pub log_rate_limit: Option<PacketRate>,
        /// Lines above that rate that are still logged.
        pub log_rate_limit_burst: Option<u32>,
        /// What is asked of the way back to sources in this zone; as everywhere by default.
        pub reverse_path: Option<ReversePath>,
        /// Addresses in this zone that the host itself may open connections to. Where none of the `allowedEgress…` options is
        /// written, it may reach everything; DNS, NTP, DHCP, ICMP and what tailscaled sends always go out.
        #[serde(rename = "allowedEgressIPs")]
        pub allowed_egress_ips: Option<Vec<AddressOrPrefix>>,
        /// TCP ports in this zone that the host itself may open connections to.
        #[serde(rename = "allowedEgressTCPPorts")]
        pub allowed_egress_tcp_ports: Option<Vec<PortRange>>,
        /// UDP ports in this zone that the host itself may open connections to.
        #[serde(rename = "allowedEgressUDPPorts")]
        pub allowed_egress_udp_ports: Option<Vec<PortRange>>,
        /// Known services in this zone that the host itself may open connections to.
        pub allowed_egress_services: Option<Vec<ServiceName>>,
    }
}

group! {
    /// How many new connections to a service a source may open.
    pub struct ServiceRateLimit {
        /// New connections per source address, such as `10/minute`.
        pub rate_limit: Option<PacketRate>,
        /// New connections above that rate that are still let through; by default as many as the rate's number.
        pub rate_limit_burst: Option<u32>,
    }
}
