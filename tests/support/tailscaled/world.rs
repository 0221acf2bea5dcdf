//! What the fake is like: its state, and what it answers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::{Answer, Reply};
use super::captures;
use super::request::Request;

/// Which tailscaled it says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub text: String,
    pub capability: u32,
}

/// Something that it does otherwise than usual.
#[derive(Debug, Clone)]
pub struct Exception {
    pub method: Option<String>,
    /// The beginning of the endpoint with its query, decoded: `ping?ip=100.64.0.3`.
    pub endpoint: String,
    pub answer: Answer,
    /// How often; then it is as usual again.
    pub times: u64,
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
    /// The names of peers that do not answer.
    pub dead: BTreeSet<String>,
    /// How long pings take.
    pub latency: Duration,
    /// Whether packets are forwarded.
    pub forwards: bool,
    pub exceptions: Vec<Exception>,
    pub suggestion: Value,
    /// What streams hear next.
    pub news: Vec<Value>,
    pub warnings: Value,
    /// Whether streams hear at once that preferences have changed.
    pub tells_prefs: bool,
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
            dead: BTreeSet::new(),
            latency: Duration::from_micros(234),
            forwards: false,
            exceptions: Vec::new(),
            suggestion: json!({"ID": "", "Name": ""}),
            news: Vec::new(),
            warnings: Value::Null,
            tells_prefs: true,
        }
    }

    /// alpha before the first login.
    pub fn needs_login() -> Self {
        Self {
            status: captures::body("01-status-needslogin.json"),
            prefs: captures::body("02-prefs-needslogin.json"),
            derp_map: Value::Null,
            ..Self::running()
        }
    }

    /// alpha, up, with an older tailscaled.
    pub fn old() -> Self {
        let text = captures::text("40-v1.96.5.txt");
        let status = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|entry| entry["request"]["path"] == "/localapi/v0/status")
            .expect("a status in the capture");
        Self {
            version: Version {
                text: "1.96.5-t88200dbb4".to_owned(),
                capability: 133,
            },
            status: status["response"]["body"].clone(),
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
            method: None,
            endpoint: "status".to_owned(),
            answer: Answer::Bytes(reply.into_bytes()),
            times: u64::MAX,
        });
    }

    /// From now on such requests are neither carried out nor answered.
    pub fn hold(&mut self, method: &str, endpoint: &str) {
        self.exceptions.push(Exception {
            method: Some(method.to_owned()),
            endpoint: endpoint.to_owned(),
            answer: Answer::Silence,
            times: u64::MAX,
        });
    }

    /// From now on it does what such requests ask at once, and lets time pass before it answers.
    pub fn delay(&mut self, method: &str, endpoint: &str, delay: Duration) {
        self.exceptions.push(Exception {
            method: Some(method.to_owned()),
            endpoint: endpoint.to_owned(),
            answer: Answer::After(delay, Box::new(Answer::Silence)),
            times: u64::MAX,
        });
    }

    /// From now on such requests are refused so.
    pub fn refuse(&mut self, method: &str, endpoint: &str, status: u16, said: &str) {
        self.exceptions.push(Exception {
            method: Some(method.to_owned()),
            endpoint: endpoint.to_owned(),
            answer: Reply::plain(status, said).into(),
            times: u64::MAX,
        });
    }

    /// The peer with that name.
    pub fn peer(&mut self, name: &str) -> &mut Value {
        self.peers()
            .find(|peer| peer["HostName"] == name)
            .unwrap_or_else(|| panic!("there is no peer {name}"))
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

    /// Changes preferences as a request with that body does.
    pub fn patch_prefs(&mut self, body: &str) {
        let reply = self.patch(body);
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// The state, and a word to the streams about it.
    pub fn set_state(&mut self, name: &str) {
        self.status["BackendState"] = name.into();
        let number = [
            "NoState",
            "InUseOtherUser",
            "NeedsLogin",
            "NeedsMachineAuth",
            "Stopped",
            "Starting",
            "Running",
        ]
        .iter()
        .position(|state| *state == name)
        .unwrap_or_else(|| panic!("there is no state {name}"));
        self.tell(&json!({"State": number}));
    }

    /// Streams hear this.
    pub fn tell(&mut self, what: &Value) {
        let news = self.line(what);
        self.news.push(news);
    }

    /// What the control plane says about a peer.
    pub fn set_online(&mut self, name: &str, online: bool) {
        let has_patches = self.has_new_bus();
        let peer = self.peer(name);
        peer["Online"] = online.into();
        let number = peer["NodeID"].as_u64().unwrap_or(2);
        let about = if has_patches {
            json!({"PeerChangedPatch": [{"NodeID": number, "Online": online}]})
        } else {
            json!({"NetMap": {"SelfNode": {"ID": 4}, "Peers": [{"ID": number, "Online": online}]}})
        };
        self.tell(&about);
    }

    /// The first lines of a stream.
    pub fn first_lines(&self, mask: u64) -> Vec<Value> {
        let has = |bit: u32| mask & (1 << bit) != 0;
        let mut first = json!({});
        if has(1) {
            first["SessionID"] = "47dca37f66bba3cb".into();
            let state = match self.status["BackendState"].as_str() {
                Some("NeedsLogin") => 2,
                Some("Stopped") => 4,
                Some("Starting") => 5,
                _ => 6,
            };
            first["State"] = state.into();
        }
        if has(2) {
            first["Prefs"] = self.prefs.clone();
        }
        if has(3) {
            first["NetMap"] = json!({"SelfNode": {"ID": 4}, "Peers": []});
        }
        if has(14) && self.has_new_bus() {
            first["InitialStatus"] = self.status.clone();
        }
        if first == json!({}) {
            return Vec::new();
        }
        if has(7) {
            first["Health"] = json!({"Warnings": self.warnings});
        }
        vec![self.line(&first)]
    }

    fn line(&self, what: &Value) -> Value {
        let mut line = json!({
            "Version": self.version.text, "ErrMessage": null, "LoginFinished": null, "State": null, "Prefs": null,
            "NetMap": null, "Engine": null, "BrowseToURL": null, "DriveShares": null,
        });
        for (key, value) in what.as_object().expect("an object") {
            line[key] = value.clone();
        }
        line
    }

    /// What it does about a request.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let Some(host) = request.headers.get("host") else {
            let reply = Reply {
                body: "400 Bad Request: missing required Host header".to_owned(),
                is_anonymous: true,
                ..Reply::plain(400, "")
            };
            return reply.into();
        };
        let is_forged = request.headers.contains_key("origin") || request.headers.contains_key("referer");
        if is_forged || !matches!(host.as_str(), "" | "local-tailscaled.sock") {
            let reply = Reply {
                is_anonymous: true,
                ..Reply::plain(403, "invalid localapi request")
            };
            return reply.into();
        }
        let Some(endpoint) = request.endpoint().map(str::to_owned) else {
            return Reply::plain(404, "404 page not found").into();
        };
        if let Some(answer) = self.exception(request, &endpoint) {
            return answer;
        }
        self.usual(request, &endpoint)
    }

    fn exception(&mut self, request: &Request, endpoint: &str) -> Option<Answer> {
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let whole = format!("{endpoint}?{}", query.join("&"));
        let exception = self.exceptions.iter_mut().find(|exception| {
            exception.times > 0
                && exception.method.as_ref().is_none_or(|method| *method == request.method)
                && whole.starts_with(&exception.endpoint)
        })?;
        exception.times -= 1;
        match exception.answer.clone() {
            // Late, but as usual.
            Answer::After(delay, answer) if *answer == Answer::Silence => {
                Some(Answer::After(delay, Box::new(self.usual(request, endpoint))))
            }
            answer => Some(answer),
        }
    }

    fn usual(&mut self, request: &Request, endpoint: &str) -> Answer {
        let is_get = request.method == "GET";
        let is_post = request.method == "POST";
        let may_write = request.uid == 0 || Some(request.uid) == self.operator;
        let reply = match endpoint {
            "status" => {
                let mut status = self.status.clone();
                if request.parameter("peers") == "false" {
                    status["Peer"] = Value::Null;
                }
                Reply::json(&status)
            }
            "prefs" if is_get || request.method == "HEAD" => Reply::json(&self.prefs),
            "prefs" if request.method == "PATCH" && !may_write => Reply::plain(403, "prefs write access denied"),
            "prefs" if request.method == "PATCH" => self.patch(&request.body),
            "prefs" => Reply::plain(405, "unsupported method"),
            "ping" => return self.ping(request),
            "watch-ipn-bus" => match request.parameter("mask").parse() {
                Ok(mask) if mask & (1 << 16) != 0 && self.has_new_bus() => Reply::plain(
                    400,
                    "NotifyInProcessNoDisconnect is only valid for in-process IPN bus subscribers",
                ),
                Ok(mask) => return Answer::Stream { mask },
                Err(_) if request.parameter("mask").is_empty() => return Answer::Stream { mask: 0 },
                Err(_) => Reply::plain(400, "bad mask"),
            },
            "whois" => self.whois(request.parameter("addr")),
            "serve-config" if is_get => Reply {
                etag: Some(tag(&self.serve)),
                ..Reply::json(&self.serve)
            },
            "serve-config" if is_post && !may_write => Reply::plain(403, "serve config denied"),
            "serve-config" if is_post => self.serve(request),
            "serve-config" => Reply::plain(405, "method not allowed"),
            "derpmap" if is_get => Reply::json(&self.derp_map),
            "derpmap" => Reply::plain(400, "want GET"),
            "suggest-exit-node" if self.status["BackendState"] == "NeedsLogin" => {
                Reply::error(500, "error", "no preferred DERP, try again later")
            }
            "suggest-exit-node" => Reply::json(&self.suggestion),
            "usermetrics" => {
                let text = captures::text("27-metrics.txt");
                let (_, text) = text.split_once("# GET usermetrics\n").expect("both kinds of metrics");
                let (_, samples) = text.split_once('\n').expect("the head");
                Reply {
                    body: samples.to_owned(),
                    is_chunked: true,
                    ..Reply::empty(200, Some("text/plain;version=0.0.4;charset=utf-8"))
                }
            }
            "check-ip-forwarding" => Reply::json(&json!({"Warning": if self.forwards {
                ""
            } else {
                "IP forwarding is disabled, subnet routing/exit nodes will not work.\nSee https://tailscale.com/s/ip-forwarding"
            }})),
            "check-udp-gro-forwarding" => Reply::json(&json!({"Warning": ""})),
            "set-udp-gro-forwarding" if !may_write => Reply::plain(403, "UDP GRO forwarding set access denied"),
            "set-udp-gro-forwarding" if is_post => Reply::json(&json!({"Warning": ""})),
            "cert-domains" => Reply::json(&self.status["CertDomains"]),
            "logout" | "login-interactive" if is_get => Reply::plain(400, "want POST"),
            "login-interactive" if !may_write => Reply::plain(403, "login access denied"),
            "login-interactive" => {
                self.status["AuthURL"] = "http://10.77.0.1:8080/auth/00000000000000000004".into();
                Reply::empty(204, None)
            }
            _ if endpoint.starts_with("cert/") && !may_write => Reply::plain(403, "cert access denied"),
            _ if endpoint.starts_with("cert/") => Reply::plain(500, "cert not available in the laboratory"),
            _ => Reply::plain(404, "404 page not found"),
        };
        reply.into()
    }

    /// Changes preferences, and what depends on them.
    fn patch(&mut self, body: &str) -> Reply {
        let change: Value = match serde_json::from_str(body) {
            Ok(change) => change,
            Err(_) if body.is_empty() => return Reply::plain(400, "EOF"),
            Err(_) => return Reply::plain(400, "unexpected EOF"),
        };
        let mut prefs = self.prefs.clone();
        for (name, value) in prefs.as_object_mut().expect("preferences") {
            if change[format!("{name}Set")] == true {
                *value = match &change[name] {
                    Value::Null => zero(value),
                    given => given.clone(),
                };
            }
        }
        if change["OperatorUserSet"] == true {
            prefs["OperatorUser"] = change["OperatorUser"].clone();
        }
        let routes = prefs["AdvertiseRoutes"].as_array().cloned().unwrap_or_default();
        for route in routes.iter().filter_map(Value::as_str) {
            let Some((address, length)) = route.split_once('/') else {
                return Reply::plain(400, &format!("netip.ParsePrefix({route:?}): no '/'"));
            };
            let network: tailwright::net::Prefix = match route.parse() {
                Ok(network) => network,
                Err(_) if self.has_new_bus() => {
                    let network = ipnet_of(address, length);
                    let said = format!("route {route} has non-address bits set; expected {network}");
                    return Reply::error(400, "Error", &said);
                }
                Err(_) => continue,
            };
            let uses_exit_node = prefs["ExitNodeID"] != "";
            if network.is_default() && uses_exit_node {
                let said = "Cannot advertise an exit node and use an exit node at the same time.";
                return Reply::error(400, "Error", said);
            }
        }
        if change["RunSSHSet"] == true && change["RunSSH"] == true {
            let said = "Unable to enable local Tailscale SSH server; not enabled on Tailnet.";
            return Reply::error(400, "Error", said);
        }
        if prefs["ExitNodeID"] == "auto:any" {
            prefs["AutoExitNode"] = "any".into();
            prefs["ExitNodeID"] = self.suggestion["ID"].clone();
        } else if change["ExitNodeIDSet"] == true
            && let Some(prefs) = prefs.as_object_mut()
        {
            prefs.remove("AutoExitNode");
        }
        self.resolve_exit_node(&mut prefs);
        if change["WantRunningSet"] == true && self.status["HaveNodeKey"] == true {
            self.set_state(if prefs["WantRunning"] == true {
                "Running"
            } else {
                "Stopped"
            });
        }
        self.prefs = prefs;
        if self.tells_prefs {
            let prefs = self.prefs.clone();
            self.tell(&json!({"Prefs": prefs}));
        }
        Reply::json(&self.prefs)
    }

    /// An exit node by its address becomes one by its identity; the status follows.
    fn resolve_exit_node(&mut self, prefs: &mut Value) {
        let address = prefs["ExitNodeIP"].as_str().unwrap_or_default().to_owned();
        if !address.is_empty()
            && let Some(peer) = self.peers().find(|peer| has_address(peer, &address))
        {
            prefs["ExitNodeID"] = peer["ID"].clone();
            prefs["ExitNodeIP"] = "".into();
        }
        let id = prefs["ExitNodeID"].clone();
        let mut status = Value::Null;
        for peer in self.peers() {
            let is_it = peer["ID"] == id;
            peer["ExitNode"] = (is_it && peer["ExitNodeOption"] == true).into();
            if is_it {
                let own: Vec<String> = peer["TailscaleIPs"]
                    .as_array()
                    .expect("addresses")
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|ip| format!("{ip}/{}", if ip.contains(':') { 128 } else { 32 }))
                    .collect();
                status = json!({"ID": id, "Online": peer["Online"], "TailscaleIPs": own});
            }
        }
        if let Some(fields) = self.status.as_object_mut() {
            fields.remove("ExitNodeStatus");
            if !status.is_null() {
                fields.insert("ExitNodeStatus".to_owned(), status);
            }
        }
    }

    fn ping(&mut self, request: &Request) -> Answer {
        let (ip, kind, size) = (
            request.parameter("ip").to_owned(),
            request.parameter("type"),
            request.parameter("size"),
        );
        let bad = |said: &str| Reply::plain(400, said).into();
        if request.method != "POST" {
            return bad("want POST");
        }
        if ip.is_empty() {
            return bad("missing 'ip' parameter");
        }
        if ip.parse::<std::net::IpAddr>().is_err() {
            return bad("invalid IP");
        }
        if kind.is_empty() {
            return bad("missing 'type' parameter");
        }
        if !size.is_empty() && kind != "disco" {
            return bad("'size' parameter is only supported with disco pings");
        }
        if size.parse().is_ok_and(|size: u32| size > 65_467) {
            return bad("maximum value for 'size' is 65467");
        }
        let mut pong = json!({
            "IP": ip, "NodeIP": "", "NodeName": "", "Err": "", "LatencySeconds": 0, "Endpoint": "", "PeerRelay": "",
            "DERPRegionID": 0, "DERPRegionCode": "",
        });
        if self.status["BackendState"] == "Stopped" {
            pong["Err"] = "local tailscaled stopped".into();
            return Reply::json(&pong).into();
        }
        if has_address(&self.status["Self"], &ip) {
            pong["Err"] = format!("{ip} is local Tailscale IP").into();
            pong["IsLocalIP"] = true.into();
            return Reply::json(&pong).into();
        }
        let (latency, regions) = (self.latency, self.derp_map["Regions"].clone());
        let dead = self.dead.clone();
        let Some(peer) = self.peers().find(|peer| has_address(peer, &ip)) else {
            pong["Err"] = "no matching peer".into();
            return Reply::json(&pong).into();
        };
        let is_dead = peer["HostName"].as_str().is_some_and(|name| dead.contains(name));
        if is_dead || !matches!(kind, "disco" | "TSMP" | "ICMP" | "peerapi") {
            return Answer::Silence;
        }
        pong["NodeIP"] = peer["TailscaleIPs"][0].clone();
        pong["NodeName"] = peer["HostName"].clone();
        pong["LatencySeconds"] = latency.as_secs_f64().into();
        let url = peer["PeerAPIURL"][0].clone();
        let port = url.as_str().and_then(|url| url.rsplit(':').next()?.parse::<u16>().ok());
        match kind {
            "peerapi" => {
                pong["NodeName"] = peer["DNSName"].clone();
                pong["PeerAPIURL"] = url;
            }
            "TSMP" => pong["PeerAPIPort"] = port.into(),
            "disco" if peer["CurAddr"] != "" => pong["Endpoint"] = peer["CurAddr"].clone(),
            "disco" => {
                let region = regions
                    .as_object()
                    .and_then(|regions| regions.values().find(|region| region["RegionCode"] == peer["Relay"]));
                if let Some(region) = region {
                    pong["DERPRegionID"] = region["RegionID"].clone();
                    pong["DERPRegionCode"] = region["RegionCode"].clone();
                }
            }
            _ => {}
        }
        Answer::After(latency, Box::new(Reply::json(&pong).into()))
    }

    fn whois(&mut self, address: &str) -> Reply {
        let ip = address
            .parse::<std::net::SocketAddr>()
            .map(|end| end.ip())
            .or_else(|_| address.parse());
        let ip = match ip {
            _ if address.is_empty() => return Reply::plain(400, "missing 'addr' parameter"),
            Err(_) => return Reply::plain(400, "invalid 'addr' parameter"),
            Ok(ip) => ip.to_string(),
        };
        let users = self.status["User"].clone();
        let nodes = std::iter::once(self.status["Self"].clone()).chain(self.peers().map(|peer| peer.clone()));
        let Some(node) = nodes.into_iter().find(|node| has_address(node, &ip)) else {
            return Reply::plain(404, "no match for IP:port");
        };
        let user = users[node["UserID"].to_string()].clone();
        Reply::json(&json!({
            "Node": {
                "ID": node["NodeID"], "StableID": node["ID"], "Name": node["DNSName"], "User": node["UserID"],
                "Addresses": node["AllowedIPs"], "Online": node["Online"],
            },
            "UserProfile": user,
            "CapMap": {"https://tailscale.com/cap/ingress": null},
        }))
    }

    fn serve(&mut self, request: &Request) -> Reply {
        if self.status["BackendState"] == "NeedsLogin" {
            return Reply::error(500, "error", "updating config: netMap is nil");
        }
        let wanted: Value = match serde_json::from_str(&request.body) {
            Ok(wanted) => wanted,
            Err(_) => return Reply::error(500, "error", "decoding config: unexpected EOF"),
        };
        if request
            .headers
            .get("if-match")
            .is_some_and(|given| *given != tag(&self.serve))
        {
            return Reply::plain(412, "etag mismatch");
        }
        let serves_path = wanted.to_string().contains("\"Path\"");
        if request.uid != 0 && serves_path {
            let said =
                "must be root, or be an operator and able to run 'sudo tailscale' to serve a path or Unix socket";
            return Reply::plain(401, said);
        }
        let known = ["TCP", "Web", "Services", "AllowFunnel", "Foreground"];
        let mut kept = wanted.as_object().cloned().unwrap_or_default();
        kept.retain(|key, _| known.contains(&key.as_str()));
        self.serve = kept.into();
        Reply::empty(200, None)
    }
}

fn has_address(node: &Value, ip: &str) -> bool {
    node["TailscaleIPs"]
        .as_array()
        .is_some_and(|addresses| addresses.iter().any(|address| address == ip))
}

fn ipnet_of(address: &str, length: &str) -> String {
    let address: std::net::Ipv4Addr = address.parse().expect("an IPv4 address with host bits");
    let length: u32 = length.parse().expect("a length");
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    format!("{}/{length}", std::net::Ipv4Addr::from(address.to_bits() & mask))
}

/// Go's zero value of the same type.
fn zero(value: &Value) -> Value {
    match value {
        Value::String(_) => "".into(),
        Value::Bool(_) => false.into(),
        Value::Number(_) => 0.into(),
        _ => Value::Null,
    }
}

/// Some hexadecimal digits that depend on every byte (FNV-1a; the real one is a SHA-256).
fn tag(value: &Value) -> String {
    let hash = value.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}").repeat(4)
}
