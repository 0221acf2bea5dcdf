//! `network.monitoring.tailscale.probes`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Millis, Seconds, group, words};
use crate::net::{DnsName, Endpoint, HttpUrl, Percent, ServiceName, UpstreamHost};

group! {
    /// What the monitor asks besides what every host has.
    pub struct Probes {
        /// Addresses with a TCP port that say whether the internet is reached around the tunnel; one that answers is enough.
        /// `[ "1.1.1.1:443" "9.9.9.9:443" "[2606:4700:4700::1111]:443" ]` by default; an empty list measures nothing.
        pub internet: Option<Vec<Endpoint>>,
        /// What says whether an exit node forwards.
        pub egress: Option<EgressProbes>,
        /// What else is measured, by name; at most 32.
        pub targets: Option<BTreeMap<ServiceName, ProbeTarget>>,
    }
}

group! {
    /// What is asked through the exit node in force, by DNS and by HTTP: both have to get through, and of each list one that
    /// answers is enough. An empty list is not asked; with both empty, an exit node that answers pings counts as working.
    pub struct EgressProbes {
        /// DNS servers in the internet, asked at UDP port 53; `[ "1.1.1.1" "9.9.9.9" ]` by default.
        pub dns: Option<Vec<IpAddr>>,
        /// URLs; `[ "http://connectivitycheck.gstatic.com/generate_204" "http://cp.cloudflare.com/generate_204" ]` by default.
        /// Where the path ends in `generate_204` or `gen_204`, exactly 204 is an answer; otherwise a 2xx, or a 3xx that leads to
        /// the same host. Everything else is said by somebody on the way.
        pub http: Option<Vec<HttpUrl>>,
    }
}

group! {
    /// Something that is measured by itself: one of `ping`, `peer`, `tcp`, `http` and `dns`.
    pub struct ProbeTarget {
        /// A host that answers ICMP echoes: a name or an address.
        pub ping: Option<UpstreamHost>,
        /// A node of the tailnet that tailscaled pings: its readings have the path as well.
        pub peer: Option<PeerProbe>,
        /// A host and a TCP port that is connected to.
        pub tcp: Option<Endpoint>,
        /// A URL whose status is to be below 400; redirections are not followed.
        pub http: Option<HttpUrl>,
        /// A DNS server and a name that it is asked for.
        pub dns: Option<DnsProbe>,
        /// Time between checks, in seconds or with a unit; that of the monitor by default.
        pub interval: Option<Seconds>,
        /// How long an answer is waited for, in seconds or with a unit; that of the monitor by default, and no longer than the
        /// interval.
        pub timeout: Option<Seconds>,
        /// Median latency above which it is bad, in milliseconds or with a unit; that of the monitor by default.
        pub max_latency: Option<Millis>,
        /// Loss above which it is bad, in percent; that of the monitor by default.
        pub max_packet_loss: Option<Percent>,
    }
}

group! {
    /// A node of the tailnet that tailscaled pings.
    pub struct PeerProbe {
        /// The node: its name in the tailnet, its full name, or an address of it.
        pub node: Option<UpstreamHost>,
        /// What is sent; `tsmp` by default.
        pub kind: Option<PingKind>,
    }
}

words! {
    /// What tailscaled sends to a peer.
    pub enum PingKind {
        /// Below WireGuard: shows the path.
        Disco,
        /// Through WireGuard, answered by the peer's tailscaled.
        Tsmp,
        /// Through WireGuard, answered by the peer's operating system, where its firewall lets it.
        Icmp,
    }
}

group! {
    /// A question to a DNS server.
    pub struct DnsProbe {
        /// The server, at UDP port 53.
        pub server: Option<IpAddr>,
        /// The name that it is asked for. That it does not exist is an answer, too.
        pub name: Option<DnsName>,
    }
}
