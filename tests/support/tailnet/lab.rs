//! All of it together.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::door::{self, Wanted};
use super::super::tailscaled::{DataPath, Tailscaled, World};
use super::super::tool;
use super::address::{NODES, PUBLIC_DNS, RELAYS, RESOLVER, SERVICE_PORT, TUNNEL_PORT, WEB, at};
use super::fault::Faults;
use super::nodes;
use super::routes::{Router, Routes};
use super::service::{Services, Sockets};
use super::topology::Topology;
use super::tunnel::{Ends, Tunnel};

/// How long is waited for what will come: a busy machine has its time.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until something is so.
///
/// # Panics
/// Where it is not within [`PATIENCE`].
#[track_caller]
pub fn until<T>(what: &str, mut is_so: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(so) = is_so() {
            return so;
        }
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The client's preferences in the kernel and in the tunnel.
struct Path {
    tunnel: Tunnel,
    router: Router,
}

impl DataPath for Path {
    fn apply(&self, world: Option<&World>) {
        let routes = world.map(Routes::of).unwrap_or_default();
        self.router.apply(&routes);
        self.tunnel.route(&routes);
    }

    fn ping(&self, address: &str) -> Option<Duration> {
        self.tunnel.ping(address.parse().ok()?)
    }
}

/// A client in a tailnet, with everything around it.
pub struct Lab {
    /// The fake tailscaled of the client.
    pub tailscaled: Tailscaled,
    /// What answers.
    pub services: Services,
    path: Arc<Path>,
    /// The namespaces. They end last.
    pub topology: Topology,
}

/// A change of a preference, as it came over the socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// When.
    pub at: Instant,
    /// The whole of it.
    pub body: Value,
}

impl Lab {
    /// Everything works, and the exit node is `gate`. `None` only where the test may be left out, and noted.
    pub fn new() -> Option<Self> {
        let topology = Topology::new()?;
        let tun = || Wanted::Tun("tailscale0".to_owned());
        let udp = Wanted::Udp(at(Ipv4Addr::UNSPECIFIED, TUNNEL_PORT));
        let node = [tun(), udp.clone()];
        let tcp = |address: SocketAddr| Wanted::Tcp(address);
        let mut internet = vec![
            tcp(at(WEB, 80)),
            tcp(at(WEB, 25)),
            Wanted::Udp(at(RESOLVER, 53)),
            Wanted::Udp(at(PUBLIC_DNS, 53)),
        ];
        internet.extend(RELAYS.map(|relay| Wanted::Udp(at(relay, 3_478))));
        let service = [tcp(at(Ipv4Addr::UNSPECIFIED, SERVICE_PORT))];
        let [gate, spare, third] = &topology.routers;
        let mut opened = door::open(&[
            (&topology.client, &node),
            (gate, &node),
            (spare, &node),
            (third, &node),
            (&topology.desk, &node),
            (&topology.internet, &internet),
            (&topology.desk, &service),
        ])?
        .into_iter();
        let mut next = || opened.next().expect("as many as rooms").into_iter();
        let mut ends = || {
            let mut next = next();
            let mut one = || next.next().expect("two descriptors");
            Ends { tun: one(), udp: one() }
        };
        let client = ends();
        let others = NODES.iter().map(|_| ends()).collect();
        let mut internet = next();
        let mut one = || internet.next().expect("a descriptor");
        let (web, mail, resolver, public) = (one(), one(), one(), one());
        let relays: Vec<OwnedFd> = internet.collect();
        let service = next().next().expect("a descriptor");
        let services = Services::new(Sockets {
            web,
            mail,
            resolver,
            public,
            relays,
            service,
        });
        for (room, node) in topology.routers.iter().chain([&topology.desk]).zip(NODES) {
            room.ip(&["addr", "add", &format!("{}/32", node.tailnet), "dev", "tailscale0"]);
            room.ip(&["link", "set", "tailscale0", "up"]);
            room.ip(&["route", "add", "100.64.0.0/10", "dev", "tailscale0"]);
        }
        let router = Router::new(&topology.client)?;
        let path = Arc::new(Path {
            tunnel: Tunnel::new(client, others),
            router,
        });
        let data_path: Arc<dyn DataPath> = Arc::clone(&path) as _;
        let mut world = nodes::world(0);
        let gate = world.peer("gate")["ID"].clone();
        world.patch_prefs(&serde_json::json!({"ExitNodeID": gate, "ExitNodeIDSet": true}).to_string());
        Some(Self {
            tailscaled: Tailscaled::with_path(world, data_path),
            services,
            path,
            topology,
        })
    }

    /// What can be broken.
    pub fn faults(&self) -> Faults<'_> {
        Faults {
            topology: &self.topology,
        }
    }

    /// How long datagrams take to a node, and back from it.
    pub fn delay(&self, node: &str, there: Duration, back: Duration) {
        let index = NODES.iter().position(|one| one.name == node).expect("a node");
        self.path.tunnel.delay(index, there, back);
    }

    /// One preference.
    pub fn preference(&self, name: &str) -> Value {
        self.tailscaled.change(|world| world.prefs[name].clone())
    }

    /// The exit node in force by its name; nothing where there is none.
    pub fn exit_node(&self) -> Option<String> {
        self.tailscaled.change(|world| {
            let id = world.prefs["ExitNodeID"].clone();
            let peer = world.peers().find(|peer| peer["ID"] == id)?;
            peer["HostName"].as_str().map(str::to_owned)
        })
    }

    /// Somebody chooses another exit node by hand.
    pub fn choose(&self, node: &str) {
        self.tailscaled.now(&format!("exit-node {node}"));
    }

    /// Asks the web server for a page as any program of the client does: the address that it was asked from, or what went
    /// wrong.
    pub fn visit(&self) -> Result<Ipv4Addr, String> {
        let curl = tool::part("curl").expect("it is there where a laboratory is");
        let arguments = ["-sSf", "-m", "1", "-o", "/dev/null", "http://198.51.100.80/"];
        self.topology.client.run(curl, &arguments)?;
        let visits = self.services.visits();
        Ok(visits.last().expect("it was asked").1)
    }

    /// Every change of preferences that was asked for so far.
    pub fn patches(&self) -> Vec<Patch> {
        let timed = self.tailscaled.timed().into_iter();
        timed
            .filter(|(_, request)| request.method == "PATCH" && request.endpoint() == Some("prefs"))
            .map(|(at, request)| Patch {
                at,
                body: serde_json::from_str(&request.body).expect("the client sends JSON"),
            })
            .collect()
    }

    /// The exit nodes that were asked for, one after the other, and when: `-` is none.
    pub fn moves(&self) -> Vec<(Instant, String)> {
        let names: Vec<(Value, String)> = self.tailscaled.change(|world| {
            let peers = world.peers();
            let named = peers.filter_map(|peer| Some((peer["ID"].clone(), peer["HostName"].as_str()?.to_owned())));
            named.collect()
        });
        self.patches()
            .into_iter()
            .filter(|patch| patch.body["ExitNodeIDSet"] == true)
            .map(|patch| {
                let id = &patch.body["ExitNodeID"];
                let name = names.iter().find(|(one, _)| one == id);
                let other = || match id.as_str() {
                    None | Some("") => "-".to_owned(),
                    Some(id) => id.to_owned(),
                };
                (patch.at, name.map_or_else(other, |(_, name)| name.clone()))
            })
            .collect()
    }

    /// The same without when.
    pub fn moved_to(&self) -> Vec<String> {
        self.moves().into_iter().map(|(_, name)| name).collect()
    }
}
