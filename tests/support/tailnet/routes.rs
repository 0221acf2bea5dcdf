//! The client's routes, as tailscaled makes them.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::super::tailscaled::World;
use super::super::tool;
use super::address::{CLIENT, LAN, NODES, TUNNEL_PORT};

/// What the preferences make of packets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// Whether tailscaled is up.
    pub is_up: bool,
    /// Whether everything goes into the tunnel.
    pub default: bool,
    /// The node that carries it on; none where the one that is set is not one: then nothing comes through.
    pub exit_node: Option<usize>,
    /// Whether the local network is left out of that.
    pub lan_access: bool,
    /// The local network by the router of the tailnet.
    pub accepts_lan: bool,
}

impl Routes {
    /// Those of a fake tailscaled.
    pub fn of(world: &World) -> Self {
        let is_up = world.status["BackendState"] == "Running" && world.prefs["WantRunning"] == true;
        let id = world.prefs["ExitNodeID"].as_str().unwrap_or_default();
        let peers = world.status["Peer"].as_object();
        let peers = || peers.into_iter().flat_map(serde_json::Map::values);
        let chosen = peers().find(|peer| peer["ID"] == id && peer["ExitNodeOption"] == true);
        let routed = |peer: &Value| {
            let prefixes = peer["PrimaryRoutes"].as_array();
            prefixes.is_some_and(|prefixes| prefixes.iter().any(|prefix| prefix == LAN))
        };
        Self {
            is_up,
            default: is_up && !id.is_empty(),
            exit_node: chosen.and_then(|peer| NODES.iter().position(|node| peer["HostName"] == node.name)),
            lan_access: world.prefs["ExitNodeAllowLANAccess"] == true,
            accepts_lan: is_up && world.prefs["RouteAll"] == true && peers().any(routed),
        }
    }

    /// The node that a packet goes to.
    pub fn node(&self, to: Ipv4Addr) -> Option<usize> {
        if !self.is_up {
            return None;
        }
        if let Some(node) = NODES.iter().position(|node| node.tailnet == to) {
            return Some(node);
        }
        if to.octets()[..3] == [192, 168, 15] && self.accepts_lan {
            return NODES.iter().position(|node| node.name == "desk");
        }
        self.exit_node.filter(|_| self.default)
    }

    /// What `ip -batch` makes of it. Datagrams of tailscaled itself carry a mark there; here they are known by their port.
    fn batch(&self) -> String {
        let mut lines = "route flush table 52\n".to_owned();
        if !self.is_up {
            return lines;
        }
        lines.push_str("route replace 100.64.0.0/10 dev tailscale0 table 52\n");
        if self.accepts_lan {
            let _ = writeln!(lines, "route replace {LAN} dev tailscale0 table 52");
        }
        if self.default {
            if self.lan_access && !self.accepts_lan {
                let _ = writeln!(lines, "route replace throw {LAN} table 52");
            }
            lines.push_str("route replace default dev tailscale0 table 52\n");
        }
        lines
    }
}

/// Puts routes in force.
pub struct Router {
    ip: PathBuf,
    enter: Vec<std::ffi::OsString>,
    /// The first process of the client.
    pid: String,
    scratch: Scratch,
    now: Mutex<Option<Routes>>,
}

impl Router {
    /// For a client that has its interface.
    pub fn new(client: &Netns) -> Option<Self> {
        let ip = tool::part("ip")?;
        client.must(
            "/bin/sh",
            &[
                "-c",
                "echo 1 > /proc/sys/net/ipv6/conf/tailscale0/disable_ipv6; echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter",
            ],
        );
        client.ip(&["addr", "add", &format!("{CLIENT}/32"), "dev", "tailscale0"]);
        client.ip(&["link", "set", "tailscale0", "up"]);
        let port = TUNNEL_PORT.to_string();
        client.ip(&[
            "rule", "add", "pref", "5210", "ipproto", "udp", "sport", &port, "lookup", "main",
        ]);
        client.ip(&["rule", "add", "pref", "5270", "lookup", "52"]);
        let command = client.command_beside(&ip);
        let enter = std::iter::once(command.get_program()).chain(command.get_args());
        Some(Self {
            ip,
            enter: enter.map(ToOwned::to_owned).collect(),
            pid: client.pid().to_owned(),
            scratch: Scratch::new(),
            now: Mutex::new(None),
        })
    }

    /// Puts these in force, if others are.
    pub fn apply(&self, routes: &Routes) {
        let mut now = self.now.lock().expect("nobody panics with it");
        if now.as_ref() == Some(routes) {
            return;
        }
        let file = self.scratch.write("batch", routes.batch());
        let mut command = Command::new(&self.enter[0]);
        command.args(&self.enter[1..]).arg("-batch").arg(file);
        if let Err(said) = tool::accepted(&tool::run(&mut command)) {
            // Whoever asks last may find nobody there any more.
            let is_there = Path::new("/proc").join(&self.pid).exists();
            assert!(!is_there, "{}: {said}\n{}", self.ip.display(), routes.batch());
        }
        *now = Some(routes.clone());
    }
}
