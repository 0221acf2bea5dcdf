//! The host under test: its interfaces, addresses and routes.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tailwright::model::InterfaceRole;
use tailwright::net::{InterfaceAddress, Prefix};

use super::super::netns::Netns;
use super::super::scratch::Scratch;

/// An interface of the host, with what is behind it.
pub struct Cable {
    /// Its name.
    pub name: &'static str,
    /// What it is attached to.
    pub role: InterfaceRole,
    /// The host's addresses on it, with the length of the prefix that is on the link.
    pub addresses: &'static [&'static str],
    /// What else is routed into it.
    pub routes: &'static [&'static str],
}

/// Every interface that a host in the laboratory can have. A router with containers and virtual machines, in a tailnet.
pub const CABLES: &[Cable] = &[
    Cable {
        name: "eth0",
        role: InterfaceRole::Wan,
        addresses: &["203.0.113.10/24", "2001:db8:113::10/64"],
        routes: &["0.0.0.0/0", "::/0"],
    },
    Cable {
        name: "eth0.10",
        role: InterfaceRole::Lan,
        addresses: &["10.10.0.1/24", "fd00:10::1/64"],
        routes: &[],
    },
    Cable {
        name: "enp3s0",
        role: InterfaceRole::Lan,
        addresses: &["192.168.15.10/24", "fd00:15::10/64"],
        // Other networks of the site, one of them with public addresses.
        routes: &["192.168.16.0/22", "198.51.100.0/24", "2001:db8:51::/48"],
    },
    Cable {
        name: "docker0",
        role: InterfaceRole::Bridge,
        addresses: &["172.17.0.1/16", "fd00:17::1/64"],
        routes: &[],
    },
    Cable {
        name: "br-4f1a9c2e7d01",
        role: InterfaceRole::Bridge,
        addresses: &["172.18.0.1/16", "fd00:18::1/64"],
        routes: &[],
    },
    Cable {
        name: "br-lan",
        role: InterfaceRole::Lan,
        addresses: &["10.20.0.1/16", "fd00:20::1/56"],
        routes: &[],
    },
    Cable {
        name: "virbr0",
        role: InterfaceRole::Bridge,
        addresses: &["192.168.122.1/24"],
        routes: &[],
    },
    Cable {
        name: "tailscale0",
        role: InterfaceRole::Tailnet,
        addresses: &["100.101.102.103/32", "fd7a:115c:a1e0::6703/128"],
        // The tailnet, and what a subnet router somewhere in it advertises.
        routes: &["100.64.0.0/10", "fd7a:115c:a1e0::/48", "10.99.0.0/16"],
    },
];

/// The host's address on every link.
const LINK_LOCAL: &str = "fe80::1/64";

/// Where the host has no way to: what is for benchmarks only (RFC 2544, RFC 5180), as a careful router has it.
pub const NOWHERE: &[&str] = &["198.18.0.0/15", "2001:2::/48"];

/// What the kernel must do and leave, in this namespace: forward; refuse no source by itself, for the rules under test do
/// that; answer every packet, not only so many a second; keep no fragment for long.
const SYSCTLS: &[(&str, &str)] = &[
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/forwarding", "1"),
    ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/default/send_redirects", "0"),
    ("net/ipv4/icmp_ratelimit", "0"),
    ("net/ipv4/icmp_ratemask", "0"),
    ("net/ipv6/icmp/ratelimit", "0"),
    ("net/ipv6/icmp/ratemask", ""),
    ("net/ipv6/conf/default/accept_ra", "0"),
    ("net/ipv6/conf/default/accept_dad", "0"),
    ("net/ipv6/conf/all/forwarding", "1"),
    ("net/ipv4/ipfrag_time", "1"),
];

/// The host's own addresses.
pub fn own_addresses() -> &'static [IpAddr] {
    static OWN: LazyLock<Vec<IpAddr>> = LazyLock::new(|| {
        let written = CABLES.iter().flat_map(|cable| cable.addresses);
        let written = written.chain(&["127.0.0.1/8", "::1/128", LINK_LOCAL]);
        written.map(|written| attached(written).address()).collect()
    });
    &OWN
}

/// The prefixes that are on the link or routed into it.
pub fn prefixes_behind(cable: &Cable) -> impl Iterator<Item = Prefix> {
    let written = cable.addresses.iter().chain(cable.routes);
    written.map(|written| attached(written).prefix())
}

/// Whether the host knows an address to be that of one other host, and sends to it by one of its interfaces.
pub fn is_elsewhere(address: IpAddr) -> bool {
    let is_nowhere = NOWHERE.iter().any(|written| {
        let prefix: Prefix = written.parse().expect("a prefix");
        prefix.contains(address)
    });
    let is_on_every_link = matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
    is_one_host(address) && !is_nowhere && !is_on_every_link && !own_addresses().contains(&address)
}

/// Whether an address is that of one host: no group, no network, not a special one.
pub fn is_one_host(address: IpAddr) -> bool {
    let is_special = match address {
        IpAddr::V4(address) => matches!(address.octets()[0], 0 | 127 | 224..),
        IpAddr::V6(address) => address.segments()[0] == 0 || address.is_multicast(),
    };
    !is_special && !is_everybody(address)
}

/// Whether it is the first address behind one of the links, or the last in IPv4: everybody there, or every router (the
/// host itself is one, RFC 4291 §2.6.1).
fn is_everybody(address: IpAddr) -> bool {
    static LINKS: LazyLock<Vec<Prefix>> = LazyLock::new(|| {
        let links = CABLES.iter().flat_map(prefixes_behind);
        links.chain([attached(LINK_LOCAL).prefix()]).collect()
    });
    LINKS.iter().any(|prefix| match (prefix.network(), address) {
        _ if prefix.is_host() || prefix.is_default() || !prefix.contains(address) => false,
        (IpAddr::V4(first), IpAddr::V4(address)) => {
            let host = u32::MAX.checked_shr(prefix.len().into()).unwrap_or(0);
            address == first || u32::from(address) == u32::from(first) | host
        }
        (first, address) => first == address,
    })
}

fn attached(written: &str) -> InterfaceAddress {
    written.parse().expect("an address")
}

/// Sets what the devices are born with. Before they are.
pub fn prepare(namespace: &Netns) {
    let mut script = String::from("set -e\n");
    for (name, value) in SYSCTLS {
        let _ = writeln!(script, "echo '{value}' > /proc/sys/{name}");
    }
    namespace.must("/bin/sh", &["-c", &script]);
}

/// Gives the devices their addresses and routes.
pub fn configure(namespace: &Netns, scratch: &Scratch) {
    let mut batch = String::new();
    for cable in CABLES {
        let name = cable.name;
        // No address and no router solicitation of the kernel's own making.
        let _ = writeln!(batch, "link set dev {name} addrgenmode none");
        let _ = writeln!(batch, "link set dev {name} up");
        for address in cable.addresses {
            let _ = writeln!(batch, "addr add {address} dev {name} nodad");
        }
        let _ = writeln!(batch, "addr add {LINK_LOCAL} dev {name} nodad");
        for route in cable.routes {
            let _ = writeln!(batch, "route add {route} dev {name}");
        }
    }
    for nowhere in NOWHERE {
        let _ = writeln!(batch, "route add unreachable {nowhere}");
    }
    let file = scratch.write("topology", batch);
    namespace.ip(&["-batch", &file.to_string_lossy()]);
    wait_for_addresses(namespace);
}

/// IPv6 addresses are put to use by a worker of the kernel, after they were added.
fn wait_for_addresses(namespace: &Netns) {
    let is_ready = || {
        let local = namespace.ip(&["-6", "route", "show", "table", "local"]);
        CABLES.iter().all(|cable| {
            let name = cable.name;
            let addresses = cable.addresses.iter().filter(|address| address.contains(':'));
            addresses.chain(&[LINK_LOCAL]).all(|written| {
                let address = attached(written).address();
                local.contains(&format!("local {address} dev {name} "))
            })
        })
    };
    let start = Instant::now();
    while !is_ready() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "the addresses are not usable"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}
