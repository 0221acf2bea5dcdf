//! `network.monitoring.tailscale.probes`: what the monitor asks.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::net::{DnsName, Endpoint, HttpUrl, Percent, ServiceName, TimeSpan, UpstreamHost};

/// What the monitor asks besides what every host has: its links, its router, its resolver, tailscaled, its home relay and the
/// exit nodes. On the host it lies in the settings of `tsctl` as it is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probes {
    /// `internet`: addresses and TCP ports that say whether the internet is reached around the tunnel. One that answers is
    /// enough; with none, that is not measured.
    pub internet: Vec<SocketAddr>,
    /// `egress`: what says whether an exit node forwards.
    pub egress: EgressProbes,
    /// `targets`: what else is measured, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<ServiceName, ProbeTarget>,
}

/// What says whether an exit node forwards, and how well: asked through the tunnel, by DNS and by HTTP, and both have to get
/// through; of each list one that answers is enough. An empty list is not asked; with both empty, an exit node that answers
/// pings counts as working.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EgressProbes {
    /// `dns`: DNS servers in the internet, asked at UDP port 53.
    pub dns: Vec<IpAddr>,
    /// `http`: URLs. Where the path ends in `generate_204` or `gen_204`, 204 is an answer; otherwise a 2xx, or a 3xx that leads
    /// to the same host.
    pub http: Vec<HttpUrl>,
}

impl EgressProbes {
    /// Whether nothing of it can be asked without a resolver: it consists of URLs, and all of them have names.
    pub fn needs_names(&self) -> bool {
        let mut urls = self.http.iter();
        self.dns.is_empty() && !self.http.is_empty() && urls.all(|url| url.host().address().is_none())
    }
}

/// Something that is measured by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProbeTarget {
    /// What is asked.
    pub ask: Probed,
    /// `interval`: between two checks.
    pub interval: TimeSpan,
    /// `timeout`: how long an answer is waited for.
    pub timeout: TimeSpan,
    /// `maxLatency`: a median above it is bad.
    pub max_latency: TimeSpan,
    /// `maxPacketLoss`: more lost, in percent, are bad.
    pub max_packet_loss: Percent,
}

impl ProbeTarget {
    /// A target is not asked more often than this.
    pub const SHORTEST: TimeSpan = TimeSpan::constant_millis(500);
}

/// What a target is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Probed {
    /// `ping`: an ICMP echo.
    Ping(UpstreamHost),
    /// `peer`: a node of the tailnet, pinged by tailscaled.
    Peer {
        /// The node: its name in the tailnet, its full name, or an address of it.
        node: UpstreamHost,
        /// What is sent.
        kind: PingKind,
    },
    /// `tcp`: a connection, closed at once.
    Tcp(Endpoint),
    /// `http`: its status has to be below 400.
    Http(HttpUrl),
    /// `dns`: a server, and the name that it is asked for.
    Dns {
        /// The server, at UDP port 53.
        server: IpAddr,
        /// The name. That it does not exist is an answer.
        name: DnsName,
    },
}

/// What tailscaled sends to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PingKind {
    /// Below WireGuard: shows the path.
    Disco,
    /// Through WireGuard, answered by the peer's tailscaled: shows whether the tunnel works.
    Tsmp,
    /// Through WireGuard, answered by the peer's operating system: shows whether that is alive, and lets it answer.
    Icmp,
}

impl PingKind {
    /// The word in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disco => "disco",
            Self::Tsmp => "tsmp",
            Self::Icmp => "icmp",
        }
    }
}

impl Probes {
    /// So many targets at most.
    pub const MOST_TARGETS: usize = 32;
    /// So many addresses and URLs in each list at most.
    pub const MOST_ALTERNATIVES: usize = 8;
    /// The egress URLs where nothing is written: of two operators, 204 without content.
    pub const EGRESS_URLS: [&'static str; 2] = [
        "http://connectivitycheck.gstatic.com/generate_204",
        "http://cp.cloudflare.com/generate_204",
    ];

    /// Public resolvers of two operators: their addresses do not change, and they answer TCP (DNS over TLS and HTTPS) as well
    /// as UDP.
    const RESOLVERS: [IpAddr; 2] = [
        IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
        IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)),
    ];
    /// One of them for hosts without IPv4.
    const RESOLVER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111));
}

impl Default for Probes {
    fn default() -> Self {
        let internet = Self::RESOLVERS.into_iter().chain([Self::RESOLVER_V6]);
        Self {
            internet: internet.map(|address| SocketAddr::new(address, 443)).collect(),
            egress: EgressProbes {
                dns: Self::RESOLVERS.to_vec(),
                http: Self::EGRESS_URLS.iter().filter_map(|url| url.parse().ok()).collect(),
            },
            targets: BTreeMap::new(),
        }
    }
}
