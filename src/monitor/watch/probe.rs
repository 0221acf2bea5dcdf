//! One thing to ask.

use std::net::{IpAddr, SocketAddr};

use super::Expects;
use crate::model::PingKind;
use crate::net::{DnsName, HttpUrl, InterfaceName, Port, TimeSpan, UpstreamHost};

/// One thing to ask. Exactly one [`Sample`](super::Sample) is handed back for it, with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its number; none comes twice.
    pub number: u64,
    /// What is asked.
    pub question: Question,
    /// How long each answer is waited for.
    pub timeout: TimeSpan,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Which interfaces are up, which routes there are and which resolvers the host uses.
    Links,
    /// Whether tailscaled answers what it knows by itself.
    Daemon,
    /// Pings that tailscaled sends to a peer, one after another, [`Probe::SPACING`] apart.
    Ping {
        /// The peer's address in the tailnet.
        address: IpAddr,
        /// What kind.
        kind: PingKind,
        /// So many.
        count: u32,
    },
    /// Any of these: the next one begins where those before have failed, or have not answered within a quarter of the time.
    /// The first answer counts; those that were asked before it have not answered.
    Reach {
        /// The most trusted first.
        any_of: Vec<Exchange>,
        /// The way that packets take.
        way: Way,
    },
    /// A relay of this region of the tailnet's map: STUN, and a TCP connection where UDP is not answered.
    Relay {
        /// The region's code, as tailscaled has it.
        region: String,
        /// Whether IPv4 leads out; else IPv6 does.
        is_ipv4: bool,
        /// The way that packets take.
        way: Way,
    },
}

/// One question and what counts as its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// An ICMP echo.
    Echo {
        /// The host.
        host: UpstreamHost,
        /// Its address, where it is known.
        at: Option<IpAddr>,
    },
    /// A TCP connection, closed at once.
    Tcp {
        /// The host.
        host: UpstreamHost,
        /// Its address, where it is known.
        at: Option<IpAddr>,
        /// The port.
        port: Port,
    },
    /// An HTTP request (`GET`).
    Http {
        /// The URL.
        url: HttpUrl,
        /// The address of its host, where it is known.
        at: Option<IpAddr>,
        /// What says that it works.
        expects: Expects,
    },
    /// A DNS question by UDP. `NOERROR` and `NXDOMAIN` are answers.
    Dns {
        /// The server.
        server: SocketAddr,
        /// The name that it is asked for.
        name: DnsName,
    },
}

/// The way that packets take.
///
/// tailscaled adds the rules 5210 to 5270 to the routing policy: what carries its mark uses the main table, everything else
/// looks into table 52 first, which has the peers, the accepted routes and, with an exit node, the default route. A socket that
/// is bound to an interface (`SO_BINDTODEVICE`, socket(7)) finds only routes by that interface, in whatever table: bound to the
/// uplink it passes table 52 by, without the mark that would need `CAP_NET_ADMIN`; bound to the tunnel it can never leak
/// around it, whatever the tables say: where no route leads by it, the kernel takes the address to be on its link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Whatever the routes of the host say: what any program of the host would see.
    Routed,
    /// By this interface and no other.
    By(InterfaceName),
}

impl Exchange {
    /// How often packets go there and back until it is answered: the connection, TLS (version 1.3), and the request.
    pub(super) fn round_trips(&self) -> u64 {
        match self {
            Self::Echo { .. } | Self::Tcp { .. } | Self::Dns { .. } => 1,
            Self::Http { url, .. } => 2 + u64::from(url.is_tls()),
        }
    }
}

impl Probe {
    /// Between two pings of one probe.
    pub const SPACING: TimeSpan = TimeSpan::constant_millis(200);

    /// How long it may take altogether. What has not been handed back a second after that counts as not answered.
    pub fn patience(&self) -> TimeSpan {
        let pings = match &self.question {
            Question::Ping { count, .. } => u64::from(count.saturating_sub(1)),
            _ => 0,
        };
        let spacing = pings.saturating_mul(Self::SPACING.as_millis());
        TimeSpan::from_millis(self.timeout.as_millis().saturating_add(spacing)).unwrap_or(self.timeout)
    }
}
