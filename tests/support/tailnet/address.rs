//! Who has which address.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// The client on its local network, and in the tailnet.
pub const CLIENT_LAN: Ipv4Addr = Ipv4Addr::new(192, 168, 15, 10);
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 4);
/// The router of the local network.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 15, 1);
/// The local network, which `desk` also routes to for the tailnet.
pub const LAN: &str = "192.168.15.0/24";
/// Where the internet resolves names for the client, and for everybody; serves a page, and has its relays.
pub const PUBLIC_DNS: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 54);
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 53);
pub const WEB: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 80);
pub const RELAYS: [Ipv4Addr; 2] = [Ipv4Addr::new(198, 51, 100, 34), Ipv4Addr::new(198, 51, 100, 35)];
/// The service of `desk`.
pub const SERVICE_PORT: u16 = 11_434;
/// Where nodes send each other datagrams.
pub const TUNNEL_PORT: u16 = 41_641;

/// Another node of the tailnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: &'static str,
    /// What it is called in the captures.
    pub captured: &'static str,
    /// Its address in the tailnet.
    pub tailnet: Ipv4Addr,
    /// Its address outside.
    pub outside: Ipv4Addr,
}

/// Three exit nodes, and a host on the local network of the client.
pub const GATE: Node = node("gate", "beta", 1, Ipv4Addr::new(203, 0, 113, 11));
pub const SPARE: Node = node("spare", "delta", 3, Ipv4Addr::new(203, 0, 113, 12));
pub const THIRD: Node = node("third", "gamma", 2, Ipv4Addr::new(203, 0, 113, 13));
pub const DESK: Node = node("desk", "peer-1", 5, Ipv4Addr::new(192, 168, 15, 20));
pub const ROUTERS: [Node; 3] = [GATE, SPARE, THIRD];
pub const NODES: [Node; 4] = [GATE, SPARE, THIRD, DESK];

const fn node(name: &'static str, captured: &'static str, last: u8, outside: Ipv4Addr) -> Node {
    Node {
        name,
        captured,
        tailnet: Ipv4Addr::new(100, 64, 0, last),
        outside,
    }
}

/// The node with this address, inside or outside of the tailnet.
pub fn node_at(address: Ipv4Addr) -> Option<usize> {
    NODES
        .iter()
        .position(|node| node.tailnet == address || node.outside == address)
}

/// An address with a port.
pub fn at(address: Ipv4Addr, port: u16) -> SocketAddr {
    SocketAddrV4::new(address, port).into()
}
