//! The namespaces, and the cables between them.

use std::fmt::Write;

use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::address::{GATEWAY, Node, PUBLIC_DNS, RELAYS, RESOLVER, ROUTERS, WEB};

/// Every host, each in a namespace of its own.
pub struct Topology {
    pub client: Netns,
    pub gateway: Netns,
    pub desk: Netns,
    pub routers: [Netns; 3],
    pub internet: Netns,
    /// Files that hosts have for their own.
    scratch: Scratch,
}

/// What goes from an exit node into the internet carries its address; so does what leaves the local network.
const MASQUERADE: &str = "table ip nat { chain out { type nat hook postrouting priority srcnat; \
                          oifname \"net0\" masquerade; }; }";

impl Topology {
    /// The hosts, connected. `None` only where the test may be left out, and noted.
    pub fn new() -> Option<Self> {
        let client = Netns::new()?;
        let gateway = client.peer()?;
        let desk = client.peer()?;
        let internet = client.peer()?;
        let routers = [client.peer()?, client.peer()?, client.peer()?];
        let topology = Self {
            client,
            gateway,
            desk,
            routers,
            internet,
            scratch: Scratch::new(),
        };
        topology.lay_cables();
        topology.configure();
        Some(topology)
    }

    /// Every host that packets pass through.
    fn forwarders(&self) -> impl Iterator<Item = &Netns> {
        self.routers.iter().chain([&self.gateway, &self.desk])
    }

    fn lay_cables(&self) {
        self.client.connect("enp3s0", &self.gateway, "to-client");
        self.desk.connect("enp3s0", &self.gateway, "to-desk");
        self.gateway.connect("net0", &self.internet, "to-gateway");
        for (router, Node { name, .. }) in self.routers.iter().zip(ROUTERS) {
            router.connect("net0", &self.internet, &format!("to-{name}"));
        }
    }

    fn configure(&self) {
        let batch = |room: &Netns, lines: &str| {
            let file = self.scratch.write("batch", lines);
            room.ip(&["-batch", &file.to_string_lossy()]);
        };
        batch(
            &self.client,
            &format!("addr add 192.168.15.10/24 dev enp3s0\nroute add default via {GATEWAY}\n"),
        );
        batch(
            &self.desk,
            &format!("addr add 192.168.15.20/24 dev enp3s0\nroute add default via {GATEWAY}\n"),
        );
        batch(
            &self.gateway,
            "link add lan0 type bridge\nlink set to-client master lan0\nlink set to-desk master lan0\n\
             addr add 192.168.15.1/24 dev lan0\nlink set lan0 up\n\
             addr add 203.0.113.1/24 dev net0\nroute add default via 203.0.113.254\n",
        );
        for (router, node) in self.routers.iter().zip(ROUTERS) {
            let address = node.outside;
            batch(
                router,
                &format!("addr add {address}/24 dev net0\nroute add default via 203.0.113.254\n"),
            );
        }
        let mut internet =
            "link add net0 type bridge\nlink set net0 up\naddr add 203.0.113.254/24 dev net0\n".to_owned();
        for port in ["gateway", "gate", "spare", "third"] {
            let _ = writeln!(internet, "link set to-{port} master net0");
        }
        for address in [RESOLVER, PUBLIC_DNS, WEB].iter().chain(&RELAYS) {
            let _ = writeln!(internet, "addr add {address}/32 dev lo");
        }
        batch(&self.internet, &internet);
        for room in self.forwarders() {
            room.must(
                "/bin/sh",
                &[
                    "-c",
                    "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter",
                ],
            );
        }
        for room in self.routers.iter().chain([&self.gateway]) {
            room.load(MASQUERADE).expect("a legal table");
        }
        self.desk
            .load(&MASQUERADE.replace("net0", "enp3s0"))
            .expect("a legal table");
        let resolvers = self.scratch.write("resolv.conf", format!("nameserver {RESOLVER}\n"));
        let bind = format!("mount --bind {} /etc/resolv.conf", resolvers.display());
        self.client.must("/bin/sh", &["-c", &bind]);
        // Pings without privileges, as distributions allow them.
        self.client.must(
            "/bin/sh",
            &["-c", "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"],
        );
    }
}
