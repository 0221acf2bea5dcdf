//! The client's types read what real daemons said.

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tailwright::localapi::data::{BackendState, DerpMap, Notify, PathClass, Prefs, Status};

use crate::support::tailscaled::{body, exchanges, text};

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn peer<'a>(status: &'a Status, name: &str) -> &'a tailwright::localapi::data::Peer {
    let found = status.peers.0.iter().find(|peer| peer.name() == name);
    found.unwrap_or_else(|| panic!("there is a peer {name}"))
}

#[test]
fn a_status_with_peers() {
    let status: Status = read(&body("07-status-running.json"));
    assert_eq!(status.backend_state, BackendState::Running);
    assert_eq!(status.this_node.name(), "alpha");
    assert_eq!(
        status.current_tailnet.as_ref().unwrap().magic_dns_suffix,
        "lab-tailnet.ts.net"
    );
    assert_eq!(status.cert_domains, ["alpha.lab-tailnet.ts.net"]);
    assert_eq!(status.peers.0.len(), 3);
    let beta = peer(&status, "beta");
    assert_eq!(beta.path(), PathClass::Direct("10.77.1.12:41641".to_owned()));
    assert_eq!(beta.last_handshake.unix(), Some(1_795_147_438));
    assert_eq!(beta.last_seen.unix(), None);
    assert_eq!(beta.key_expiry.unix(), None);
    assert_eq!(peer(&status, "gamma").path(), PathClass::Derp("lab".to_owned()));
    assert_eq!(peer(&status, "delta").path(), PathClass::Idle);
    assert_eq!(status.user_of(beta).unwrap().display_name, "User 123");
    assert_eq!(status.node(&beta.id), Some(beta));
}

#[test]
fn a_status_with_routes_and_exit_nodes() {
    let status: Status = read(&body("19-status-peer-with-route.json"));
    let routes: Vec<String> = peer(&status, "beta").routes().map(ToString::to_string).collect();
    assert_eq!(routes, ["192.168.50.0/24"]);
    let status: Status = read(&body("23-status-exit-node.json"));
    let gamma = peer(&status, "gamma");
    assert!(gamma.exit_node && gamma.exit_node_option);
    let exit = status.exit_node_status.unwrap();
    assert_eq!((exit.id.as_str(), exit.online), ("TESTCTRL00000002", true));
    let offline: Status = read(&body("15-status-peer-offline.json"));
    assert_eq!(peer(&offline, "delta").last_seen.unix(), Some(1_795_147_495));
}

#[test]
fn a_status_of_nobody() {
    let status: Status = read(&body("01-status-needslogin.json"));
    assert_eq!(status.backend_state, BackendState::NeedsLogin);
    assert_eq!(
        status,
        Status {
            this_node: status.this_node.clone(),
            ..status.clone()
        }
    );
    assert!(status.peers.0.is_empty() && status.current_tailnet.is_none());
    let prefs: Prefs = read(&body("02-prefs-needslogin.json"));
    assert!(prefs.logged_out && !prefs.want_running);
}

#[test]
fn preferences_before_and_after_changes() {
    let mut read_ones = 0;
    for exchange in exchanges("20-prefs-patch.json") {
        if exchange.status == Some(200) && exchange.request.path.ends_with("/prefs") && exchange.body.is_object() {
            let prefs: Prefs = read(&exchange.body);
            read_ones += 1;
            if exchange.note == "exit node by stable ID" {
                assert_eq!(prefs.exit_node_id.as_str(), "TESTCTRL00000002");
            }
            if exchange.note == "advertise a route" {
                assert_eq!(prefs.advertise_routes.len(), 1);
            }
        }
    }
    assert!(read_ones > 8, "{read_ones}");
}

#[test]
fn the_relays() {
    let map: DerpMap = read(&body("10-derpmap.json"));
    let node = &map.regions["900"].nodes[0];
    assert_eq!(node.stun(), Some(3478));
    assert_eq!(node.ipv4().unwrap().to_string(), "10.77.0.1");
    assert_eq!(node.ipv6(), None);
}

/// Every line of every captured bus, of both versions.
#[test]
fn every_line_of_the_bus() {
    let mut lines = 0;
    let mut patches = 0;
    for file in [
        "16-bus-initial-by-mask.txt",
        "18-bus-peer-changes.txt",
        "36-bus-deltas-and-health.txt",
        "40-v1.96.5.txt",
    ] {
        for line in text(file).lines().filter(|line| line.contains("\"ErrMessage\"")) {
            let notify: Notify = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}\n{line}"));
            assert!(!notify.version.is_empty());
            patches += notify.peer_changed_patch.len();
            lines += 1;
        }
    }
    assert!(lines > 70 && patches >= 3, "{lines} lines, {patches} patches");
}

#[test]
fn a_status_of_each_state() {
    for (file, index, state) in [
        ("33-stopped.json", 1, BackendState::Stopped),
        ("35-key-expired.json", 3, BackendState::NeedsLogin),
    ] {
        let whole = body(file);
        let status: Status = read(&whole[index]["response"]["body"]);
        assert_eq!(status.backend_state, state);
    }
}

/// Every place of a JSON value that has a name, as the names and places that lead there.
fn places(value: &Value, above: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let place = format!("{above}/{}", name.replace('~', "~0").replace('/', "~1"));
                // Users are values, not fields: Go never writes null for one.
                if name.parse::<u64>().is_err() {
                    found.push(place.clone());
                }
                places(inner, &place, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                places(inner, &format!("{above}/{index}"), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Other versions have other fields: what is missing, null or unknown is never the end of it.
    #[test]
    fn any_field_may_be_missing_null_or_unknown(
        file in prop::sample::select(&["07-status-running.json", "23-status-exit-node.json", "01-status-needslogin.json"][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8), 1..10),
    ) {
        let mut value = body(file);
        for (at, change) in changes {
            let mut found = Vec::new();
            places(&value, "", &mut found);
            let place = at.get(&found);
            let (above, name) = place.rsplit_once('/').expect("a place has a name");
            let name = name.replace("~1", "/").replace("~0", "~");
            let fields = value.pointer_mut(above).expect("it was there").as_object_mut().expect("it has names");
            match change {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(name, Value::Null)),
                _ => drop(fields.insert(format!("{name}OfTomorrow"), serde_json::json!({"x": [1]}))),
            }
            if found.len() < 10 {
                break;
            }
        }
        let read = serde_json::from_value::<Status>(value.clone());
        prop_assert!(read.is_ok(), "{:?}: {value}", read.err());
    }
}
