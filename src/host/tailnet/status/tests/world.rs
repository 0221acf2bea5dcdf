//! A node as it was captured, and changes of it.

use super::super::judge;
use super::super::{Facts, NodeStatus, Peers};
use crate::host::firewall::moment::WallTime;
use crate::host::monitor::control::Unreached;
use crate::host::show::{State, long_name};
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::when::DAY;
use crate::monitor::Report;
use serde_json::Value;

/// 2026-11-20T04:05:00Z, when the captures were taken.
pub(super) const NOW: WallTime = WallTime::from_unix(1_795_147_500);

pub(super) fn captured(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(super) fn running() -> Value {
    captured(include_str!(
        "../../../../../tests/fixtures/localapi/07-status-running.json"
    ))
}

pub(super) fn exit_node_in_use() -> Value {
    captured(include_str!(
        "../../../../../tests/fixtures/localapi/23-status-exit-node.json"
    ))
}

pub(super) fn peer<'a>(status: &'a mut Value, name: &str) -> &'a mut Value {
    let peers = status["Peer"].as_object_mut().unwrap();
    peers.values_mut().find(|peer| peer["HostName"] == name).unwrap()
}

/// The preferences, with these instead of those that were captured.
pub(super) fn prefs(changes: &Value) -> Value {
    let mut prefs = captured(include_str!(
        "../../../../../tests/fixtures/localapi/09-prefs-running.json"
    ));
    for (name, value) in changes.as_object().unwrap() {
        prefs[name] = value.clone();
    }
    prefs
}

pub(super) fn facts(status: &Value, prefs: &Value) -> Facts {
    let mut answer = serde_json::from_value(status.clone()).unwrap();
    Facts {
        daemon: None,
        peers: Peers::out_of(&mut answer),
        status: Ok(answer),
        prefs: Some(serde_json::from_value(prefs.clone()).unwrap()),
        forwarding: None,
        ssh_listener: Some(true),
        certificates: vec![(
            "alpha.lab-tailnet.ts.net".to_owned(),
            Certificate::Ends(NOW.unix() + 61 * DAY),
        )],
    }
}

pub(super) fn usual() -> Value {
    prefs(&serde_json::json!({}))
}

#[allow(clippy::needless_pass_by_value, reason = "most are made for one call")]
pub(super) fn judged(facts: Facts) -> NodeStatus {
    judge::judge(&facts, NOW)
}

/// All that is wrong, in the order in which it is shown.
pub(super) fn reasons(seen: &NodeStatus) -> Vec<(State, &str)> {
    seen.reasons
        .iter()
        .map(|reason| (reason.state, reason.text.as_str()))
        .collect()
}

/// What the monitor says: where the exit node stands, and what else.
pub(super) fn report(subject: &Value, more: &Value) -> Report {
    let now = NOW.unix() * 1_000;
    let mut report = serde_json::json!({
        "at": now, "since": now - 86_400_000, "host": "alpha", "mode": "act", "checkInterval": "30s", "subjects": [{
            "subject": "exit-node", "phase": "home", "since": now - 720_000, "wanted": {"exit-node": {"node": "gate"}},
            "standing": {"exit-node": {"node": "gate"}}, "settings": [],
        }],
    });
    for (into, from) in [("/subjects/0", subject), ("", more)] {
        let into = report.pointer_mut(into).unwrap();
        for (name, value) in from.as_object().unwrap() {
            into[name] = value.clone();
        }
    }
    serde_json::from_value(report).unwrap()
}

pub(super) fn with_monitor(facts: Facts, asked: &Result<Report, Unreached>) -> NodeStatus {
    let mut seen = judged(facts);
    judge::add_failover(&mut seen, asked);
    seen
}

/// Peers that are reached in each way there is, with names as long as they may be.
pub(super) fn every_path() -> Value {
    let mut status = running();
    let like = peer(&mut status, "beta").clone();
    let peers = status["Peer"].as_object_mut().unwrap();
    peers.clear();
    for (number, (name, changes)) in [
        (
            "direct",
            serde_json::json!({"CurAddr": "[2001:db8:1234:5678:9abc:def0:1234:5678]:41641", "RxBytes": 123_456_789}),
        ),
        ("relayed", serde_json::json!({"CurAddr": "", "Relay": "fra"})),
        (
            "peer-relayed",
            serde_json::json!({"CurAddr": "", "PeerRelay": "203.0.113.9:40000:vni:7"}),
        ),
        ("without-path", serde_json::json!({"CurAddr": "", "Relay": ""})),
        ("idle", serde_json::json!({"Active": false})),
        (
            "offline",
            serde_json::json!({"Active": false, "Online": false, "LastSeen": "2026-11-01T00:00:00Z"}),
        ),
        (
            "router",
            serde_json::json!({"PrimaryRoutes": ["10.0.0.0/8", "192.168.100.0/24", "fd00:1234:5678::/48"]}),
        ),
        ("exit", serde_json::json!({"ExitNodeOption": true})),
        (
            &long_name(),
            serde_json::json!({"OS": "an operating system of a strange name"}),
        ),
        ("日本語の機械", serde_json::json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let mut peer = like.clone();
        peer["ID"] = format!("n{number}").into();
        peer["DNSName"] = format!("{name}.lab-tailnet.ts.net.").into();
        for (field, value) in changes.as_object().unwrap() {
            peer[field] = value.clone();
        }
        peers.insert(format!("nodekey:{number}"), peer);
    }
    status
}

pub(super) fn captured_routes() -> Value {
    captured(include_str!(
        "../../../../../tests/fixtures/localapi/22-status-advertised-route.json"
    ))
}

pub(super) fn status_with_routes(part: &str) -> Value {
    let (captured, mut status) = (captured_routes(), running());
    for field in ["Self", "Health"] {
        status[field] = captured[part][field].clone();
    }
    status
}

pub(super) fn routes_waiting() -> Facts {
    let offers = prefs(&serde_json::json!({"AdvertiseRoutes": ["192.168.10.0/24"]}));
    let mut waiting = facts(&status_with_routes("advertised_not_approved"), &offers);
    let advice = &captured_routes()["check_ip_forwarding"]["response"]["body"]["Warning"];
    waiting.forwarding = advice.as_str().map(str::to_owned);
    waiting
}
