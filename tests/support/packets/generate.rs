//! Random packets near the boundaries of a host's zones, the same for the same seed.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tailwright::model::Host;
use tailwright::net::{InterfaceName, PortRange, Prefix};

use super::aim::{Aim, aims, around, beside, prefixes};
use super::packet::{Fragments, History, Packet, PacketKind, TcpFlags};
use super::random::Random;
use super::topology::{self, CABLES};

/// Pings of one source before the others become something else: the zones let a source ping 100 times at once.
const PINGS: u32 = 90;

/// Addresses with a meaning of their own.
const ADDRESSES: &[&str] = &[
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "224.0.0.251",
    "127.0.0.1",
    "1.1.1.1",
    "9.9.9.9",
    "100.100.100.100",
    "::",
    "::1",
    "ff02::1",
    "ff02::fb",
    "fe80::1",
    "fe80::2",
    "2606:4700::1",
    "fd7a:115c:a1e0::53",
];
/// Ports with a meaning of their own.
const PORTS: &[u16] = &[
    1, 22, 53, 67, 68, 80, 123, 443, 546, 547, 3478, 5432, 8443, 41_641, 65_535,
];

/// An endless sequence of packets. Half of them are aimed at a zone: they come in by an interface of it, from an address
/// near it, to a port near those that it admits. The others are anything.
pub struct Packets {
    random: Random,
    interfaces: Vec<InterfaceName>,
    aims: Vec<Aim>,
    /// The host's own addresses, by family.
    own: [Vec<IpAddr>; 2],
    /// Addresses in, at the ends of and beside every prefix that the host's profile speaks of, by family.
    near: [Vec<IpAddr>; 2],
    ports: Vec<u16>,
    pings: BTreeMap<IpAddr, u32>,
}

impl Packets {
    /// Packets for `host`.
    pub fn new(host: &Host, seed: u64) -> Self {
        let mut random = Random(seed);
        let names = CABLES.iter().map(|cable| cable.name).chain(["lo"]);
        let interfaces: Vec<InterfaceName> = names.map(|name| name.parse().expect("a name")).collect();
        let mut near: Vec<IpAddr> = ADDRESSES.iter().filter_map(|address| address.parse().ok()).collect();
        for prefix in prefixes(host) {
            near.extend(around(prefix, &mut random));
        }
        let aims = aims(host, &interfaces);
        let own_port = host.tailscale.iter().filter_map(|tailscale| tailscale.port);
        let mut ports = beside(own_port.map(PortRange::from));
        ports.extend(PORTS);
        ports.extend(
            aims.iter()
                .flat_map(|aim| aim.admitted.iter().chain(&aim.forwarded))
                .flatten(),
        );
        Self {
            random,
            interfaces,
            aims,
            own: by_family(topology::own_addresses().to_vec()),
            near: by_family(near),
            ports,
            pings: BTreeMap::new(),
        }
    }

    /// Any address, mostly near a boundary.
    fn address(&mut self, family: usize) -> IpAddr {
        if self.random.one_in(6) {
            self.random.within(if family == 0 {
                Prefix::DEFAULT_V4
            } else {
                Prefix::DEFAULT_V6
            })
        } else {
            *self.random.of(&self.near[family])
        }
    }

    /// An address behind an interface, so that the kernel knows the way back; any other where nothing is behind it.
    fn behind(&mut self, interface: &InterfaceName, family: usize) -> IpAddr {
        let cable = CABLES.iter().find(|cable| cable.name == interface.as_str());
        let prefixes = cable.into_iter().flat_map(topology::prefixes_behind);
        let prefixes: Vec<Prefix> = prefixes.filter(|prefix| prefix.is_ipv4() == (family == 0)).collect();
        if prefixes.is_empty() {
            return self.address(family);
        }
        let prefix = *self.random.of(&prefixes);
        self.random.within(prefix)
    }

    /// An address in, at the ends of or beside the prefix of an aim.
    fn aimed(&mut self, aim: &Aim, interface: &InterfaceName, family: usize) -> IpAddr {
        match aim.prefix.filter(|prefix| prefix.is_ipv4() == (family == 0)) {
            Some(prefix) if !self.random.one_in(4) => {
                let around = around(prefix, &mut self.random);
                *self.random.of(&around)
            }
            _ => self.behind(interface, family),
        }
    }

    fn port(&mut self) -> u16 {
        if self.random.one_in(8) {
            // 0 is no port, but nothing keeps it from being sent.
            return self.random.short();
        }
        *self.random.of(&self.ports)
    }

    /// A port near those that are aimed at.
    fn aimed_port(&mut self, aim: Option<&[Vec<u16>; 2]>, transport: usize) -> u16 {
        match aim.map(|ports| &ports[transport]) {
            Some(ports) if !ports.is_empty() && !self.random.one_in(4) => *self.random.of(ports),
            _ => self.port(),
        }
    }

    /// A segment or datagram.
    fn with_ports(&mut self, transport: usize, aim: Option<&[Vec<u16>; 2]>, history: History) -> PacketKind {
        let is_reply = history == History::Reply;
        // Somebody who connects has a port of his own; now and then it is one that means something.
        let own = 32_768 | self.random.short();
        let (source, destination) = if is_reply {
            (self.port().max(1), own)
        } else if self.random.one_in(8) {
            (self.port(), self.aimed_port(aim, transport))
        } else {
            (own, self.aimed_port(aim, transport))
        };
        if transport == 1 {
            return PacketKind::Udp { source, destination };
        }
        let flags = if is_reply {
            *self
                .random
                .of(&[TcpFlags::SynAck, TcpFlags::Ack, TcpFlags::FinAck, TcpFlags::Rst])
        } else if self.random.one_in(6) {
            *self.random.of(&TcpFlags::ALL)
        } else {
            TcpFlags::Syn
        };
        PacketKind::Tcp {
            source,
            destination,
            flags,
        }
    }

    fn kind(&mut self, family: usize, history: History, aim: Option<&[Vec<u16>; 2]>) -> PacketKind {
        match (self.random.below(100), history) {
            (_, History::ErrorAbout) if family == 0 => self.icmp(&[3, 11, 12]),
            (_, History::ErrorAbout) => self.icmpv6(&[1, 2, 3, 4]),
            (0..45, _) => self.with_ports(0, aim, history),
            (45..80, _) => self.with_ports(1, aim, history),
            (80..94, History::Reply) if family == 0 => self.icmp(&[0]),
            (80..94, History::Reply) => self.icmpv6(&[129]),
            (80..82, _) => PacketKind::Icmp {
                kind: self.random.byte(),
                code: 0,
            },
            (82..84, _) => PacketKind::Icmpv6 {
                kind: self.random.byte(),
                code: 0,
            },
            (84..94, _) => {
                // Rarely the protocol of the other family.
                if (family == 0) == self.random.one_in(12) {
                    self.icmpv6(&[
                        1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 141, 142, 143,
                    ])
                } else {
                    self.icmp(&[0, 3, 4, 5, 8, 8, 9, 10, 11, 12, 13, 17])
                }
            }
            _ => PacketKind::Other {
                protocol: *self.random.of(&[2, 41, 47, 50, 89, 99, 112, 132, 253]),
            },
        }
    }

    fn icmp(&mut self, kinds: &[u8]) -> PacketKind {
        let kind = *self.random.of(kinds);
        PacketKind::Icmp { kind, code: 0 }
    }

    fn icmpv6(&mut self, kinds: &[u8]) -> PacketKind {
        let kind = *self.random.of(kinds);
        PacketKind::Icmpv6 { kind, code: 0 }
    }

    /// A packet of DHCP or DHCPv6, on its way in or out of place.
    fn dhcp(&mut self, family: usize) -> (IpAddr, IpAddr, PacketKind) {
        let (client, server) = if family == 0 { (68, 67) } else { (546, 547) };
        let (source, destination) = if self.random.one_in(3) {
            (client, server)
        } else {
            (server, client)
        };
        let dst = match (family, self.random.below(3)) {
            (0, 0) => Ipv4Addr::BROADCAST.into(),
            (_, 1) => *self.random.of(&self.own[family]),
            (1, _) => "fe80::1".parse().expect("an address"),
            _ => self.address(family),
        };
        let src = match (family, self.random.below(3)) {
            (0, 0) => Ipv4Addr::UNSPECIFIED.into(),
            (1, 0) => "fe80::2".parse().expect("an address"),
            _ => self.address(family),
        };
        (src, dst, PacketKind::Udp { source, destination })
    }

    /// One of the host's own addresses that it can also send to itself.
    fn own(&mut self, family: usize) -> IpAddr {
        loop {
            let address = *self.random.of(&self.own[family]);
            if !is_link_local(address) {
                return address;
            }
        }
    }

    /// Where the host itself sends to, with the ports that are aimed at.
    fn target(&mut self, family: usize) -> (IpAddr, Option<[Vec<u16>; 2]>) {
        let aims: Vec<&Aim> = self.aims.iter().filter(|aim| aim.is_egress).collect();
        if !aims.is_empty() && self.random.one_in(2) {
            let aim = (*self.random.of(&aims)).clone();
            let oif = self.random.of(&aim.interfaces).clone();
            let dst = if self.random.one_in(2) {
                self.address(family)
            } else {
                self.aimed(&aim, &oif, family)
            };
            if topology::is_elsewhere(dst) {
                return (dst, Some(aim.sent));
            }
        }
        let dst = self.address(family);
        if self.random.one_in(2) && topology::is_elsewhere(dst) {
            return (dst, None);
        }
        (self.own(family), None)
    }

    /// Whether a source has pinged too often for its next ping to be let in for certain.
    fn pings_too_often(&mut self, src: IpAddr) -> bool {
        let source = match src {
            IpAddr::V4(_) => src,
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        };
        let pings = self.pings.entry(source).or_default();
        *pings += 1;
        *pings > PINGS
    }

    /// Where it comes in, from where it comes and where it goes, with the ports that are aimed at.
    fn way(&mut self, family: usize) -> (InterfaceName, IpAddr, IpAddr, Option<[Vec<u16>; 2]>) {
        let aim = |random: &mut Random, aims: &[Aim]| (!aims.is_empty()).then(|| random.of(aims).clone());
        let from = aim(&mut self.random, &self.aims).filter(|_| self.random.one_in(2));
        let says_what_is_sent = self.aims.iter().any(|aim| aim.is_egress);
        if says_what_is_sent && self.random.one_in(6) {
            let own = self.own(family);
            return ("lo".parse().expect("a name"), own, own, None);
        }
        let (iif, src) = if let Some(from) = &from {
            let iif = self.random.of(&from.interfaces).clone();
            let src = self.aimed(from, &iif, family);
            (iif, src)
        } else {
            let iif = self.random.of(&self.interfaces).clone();
            let src = if self.random.one_in(2) {
                self.behind(&iif, family)
            } else {
                self.address(family)
            };
            (iif, src)
        };
        if self.random.one_in(2) {
            let dst = *self.random.of(&self.own[family]);
            return (iif, src, dst, from.map(|from| from.admitted));
        }
        match aim(&mut self.random, &self.aims) {
            Some(to) if !self.random.one_in(3) => {
                let oif = self.random.of(&to.interfaces).clone();
                let dst = self.aimed(&to, &oif, family);
                (iif, src, dst, Some(to.forwarded))
            }
            _ => {
                let dst = self.address(family);
                (iif, src, dst, None)
            }
        }
    }
}

impl Iterator for Packets {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        let family = usize::from(self.random.one_in(2));
        let (iif, mut src, mut dst, aim) = self.way(family);
        let is_loopback = iif.as_str() == "lo";
        let mut aim = aim;
        if is_loopback {
            // What the host sends, to itself or to others.
            src = self.own(family);
            (dst, aim) = self.target(family);
        }
        let is_own = !is_link_local(dst) && !dst.is_loopback() && self.own[family].contains(&dst);
        let is_connection = !is_loopback && topology::is_elsewhere(src) && (is_own || topology::is_elsewhere(dst));
        let history = match self.random.below(100) {
            0..10 if is_connection => History::Reply,
            10..14 if is_connection => History::ErrorAbout,
            _ => History::None,
        };
        let mut kind = self.kind(family, history, aim.as_ref());
        if history == History::None && !is_loopback && self.random.one_in(25) {
            (src, dst, kind) = self.dhcp(family);
        }
        if kind.is_ping() && self.pings_too_often(src) {
            kind = PacketKind::udp(self.port());
        }
        let fragments = match self.random.below(100) {
            // What the host sends to itself comes in one piece.
            _ if is_loopback => Fragments::Whole,
            0..3 => Fragments::Both,
            3..5 => Fragments::Reversed,
            5 => Fragments::FirstAlone,
            6 => Fragments::LastAlone,
            _ => Fragments::Whole,
        };
        Some(Packet {
            iif,
            src,
            dst,
            kind,
            history,
            fragments,
        })
    }
}

fn by_family(addresses: Vec<IpAddr>) -> [Vec<IpAddr>; 2] {
    let (v4, v6) = addresses.into_iter().partition(IpAddr::is_ipv4);
    [v4, v6]
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.segments()[0] & 0xffc0 == 0xfe80)
}
