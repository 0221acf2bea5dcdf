//! What the fake is like: its state, and what it answers.

mod answers;
mod bus;
mod change;
mod exception;
mod life;
mod news;
mod ping;
mod prefs;
mod serve;
mod warnings;
mod whois;

pub use self::change::STATES;
pub use self::exception::{Exception, Otherwise, Shape};
pub use self::news::News;

use super::answer::{Answer, Reply};
use super::captures;
use super::request::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Which tailscaled it says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub text: String,
    pub capability: u32,
}

/// What a fake tailscaled is like.
#[derive(Debug, Clone)]
pub struct World {
    pub version: Version,
    pub status: Value,
    pub prefs: Value,
    pub serve: Value,
    pub derp_map: Value,
    /// The user who may change preferences, beside root.
    pub operator: Option<u32>,
    /// Whether nobody may, not even root.
    pub is_read_only: bool,
    /// The mode of the socket.
    pub mode: u32,
    /// The user and the group of the socket, where they are said.
    pub owner: Option<(u32, u32)>,
    /// The names of peers that do not answer.
    pub dead: BTreeSet<String>,
    /// How long pings take.
    pub latency: Duration,
    /// Whether packets are forwarded.
    pub forwards: bool,
    pub exceptions: Vec<Exception>,
    pub suggestion: Value,
    /// What streams hear next.
    pub news: Vec<News>,
    pub warnings: Value,
    /// Whether streams hear at once that preferences have changed.
    pub tells_prefs: bool,
    /// Whether streams hear nothing at all.
    pub is_mute: bool,
    /// Peers that have left, by their names.
    departed: BTreeMap<String, (String, Value)>,
    /// The status before it was stopped.
    awake: Option<Value>,
}

impl World {
    /// alpha, up, with three peers, as captured.
    pub fn running() -> Self {
        Self {
            version: Version {
                text: "1.102.3-t53a0d659a".to_owned(),
                capability: 142,
            },
            status: captures::body("07-status-running.json"),
            prefs: captures::body("09-prefs-running.json"),
            serve: Value::Null,
            derp_map: captures::body("10-derpmap.json"),
            operator: None,
            is_read_only: false,
            mode: 0o666,
            owner: None,
            dead: BTreeSet::new(),
            latency: Duration::from_micros(234),
            forwards: false,
            exceptions: Vec::new(),
            suggestion: json!({"ID": "", "Name": ""}),
            news: Vec::new(),
            warnings: Value::Null,
            tells_prefs: true,
            is_mute: false,
            departed: BTreeMap::new(),
            awake: None,
        }
    }

    /// alpha before the first login.
    pub fn needs_login() -> Self {
        let mut world = Self {
            status: captures::body("01-status-needslogin.json"),
            prefs: captures::body("02-prefs-needslogin.json"),
            derp_map: Value::Null,
            ..Self::running()
        };
        world.warn("wantrunning-false", None).expect("it was captured");
        world.news.clear();
        world
    }

    /// alpha, up, with an older tailscaled.
    pub fn old() -> Self {
        let said = |endpoint: &str| {
            let mut exchanges = captures::exchanges("40-v1.96.5.txt").into_iter();
            let found = exchanges.find(|exchange| exchange.request.endpoint() == Some(endpoint));
            found.expect("it was asked").body
        };
        Self {
            version: Version {
                text: "1.96.5-t88200dbb4".to_owned(),
                capability: 133,
            },
            status: said("status"),
            prefs: said("prefs"),
            ..Self::running()
        }
    }

    /// Whether it knows the bits of the bus from 12 on.
    pub fn has_new_bus(&self) -> bool {
        self.version.capability >= 135
    }

    /// From now on it answers with the status as it is now, written once: no time of its own is in it.
    pub fn answer_status_at_once(&mut self) {
        let body = self.status.to_string();
        let reply = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nTailscale-Cap: {}\r\n\
             Tailscale-Version: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.version.capability,
            self.version.text,
            body.len()
        );
        self.exceptions.push(Exception {
            times: None,
            method: None,
            endpoint: "status".to_owned(),
            otherwise: Otherwise::Bytes(reply.into_bytes()),
        });
    }

    /// The peer with that name.
    pub fn peer(&mut self, name: &str) -> &mut Value {
        self.find_peer(name).unwrap_or_else(|said| panic!("{said}"))
    }

    /// The same, where there is one.
    pub fn find_peer(&mut self, name: &str) -> Result<&mut Value, String> {
        let found = self.peers().find(|peer| peer["HostName"] == name);
        found.ok_or_else(|| format!("there is no peer {name}"))
    }

    /// All peers.
    pub fn peers(&mut self) -> impl Iterator<Item = &mut Value> {
        self.status["Peer"]
            .as_object_mut()
            .into_iter()
            .flat_map(|peers| peers.values_mut())
    }

    /// More peers like beta, so many.
    pub fn add_peers(&mut self, count: u32) {
        if count == 0 {
            return;
        }
        let like = self.peer("beta").clone();
        let peers = self.status["Peer"].as_object_mut().expect("peers");
        for number in 1..=count {
            let mut peer = like.clone();
            let name = format!("peer-{number}");
            let (high, low) = (number / 250, number % 250 + 1);
            let (v4, v6) = (
                format!("100.65.{high}.{low}"),
                format!("fd7a:115c:a1e0:ab12:4843:cd96:{high:x}:{low:x}"),
            );
            peer["ID"] = format!("TESTCTRL{number:08}x").into();
            peer["NodeID"] = (1_000 + number).into();
            peer["PublicKey"] = format!("nodekey:{number:064x}").into();
            peer["HostName"] = name.clone().into();
            peer["DNSName"] = format!("{name}.lab-tailnet.ts.net.").into();
            peer["AllowedIPs"] = json!([format!("{v4}/32"), format!("{v6}/128")]);
            peer["TailscaleIPs"] = json!([v4, v6]);
            peers.insert(format!("nodekey:f{number:063x}"), peer);
        }
    }

    /// The peer with that name can be an exit node.
    pub fn offer_exit_node(&mut self, name: &str) {
        let peer = self.peer(name);
        peer["ExitNodeOption"] = true.into();
        for key in ["AllowedIPs", "PrimaryRoutes"] {
            let mut prefixes = peer[key].as_array().cloned().unwrap_or_default();
            prefixes.extend(["0.0.0.0/0".into(), "::/0".into()]);
            peer[key] = prefixes.into();
        }
    }

    /// The peer with that name can be an exit node no longer.
    pub fn offer_nothing(&mut self, name: &str) {
        let peer = self.peer(name);
        peer["ExitNodeOption"] = false.into();
        for key in ["AllowedIPs", "PrimaryRoutes"] {
            if let Some(prefixes) = peer[key].as_array_mut() {
                prefixes.retain(|prefix| prefix != "0.0.0.0/0" && prefix != "::/0");
            }
        }
    }

    /// Changes preferences as a request with that body does.
    pub fn patch_prefs(&mut self, body: &str) {
        let reply = self.patch(body);
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// The state, and a word to the streams about it.
    pub fn set_state(&mut self, name: &str) {
        self.status["BackendState"] = name.into();
        let number = STATES.iter().position(|state| *state == name);
        let number = number.unwrap_or_else(|| panic!("there is no state {name}"));
        self.tell(&json!({"State": number}));
    }

    /// What the control plane says about a peer.
    pub fn set_online(&mut self, name: &str, online: bool) {
        let peer = self.peer(name);
        peer["Online"] = online.into();
        if !online {
            peer["LastSeen"] = "2026-01-02T03:04:05Z".into();
        }
        let peer = peer.clone();
        self.tell_online(&peer);
    }
}

fn has_address(node: &Value, ip: &str) -> bool {
    node["TailscaleIPs"]
        .as_array()
        .is_some_and(|addresses| addresses.iter().any(|address| address == ip))
}
