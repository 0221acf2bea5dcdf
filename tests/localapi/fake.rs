//! The fake does what the captures say. A fake that is not held against the real thing proves nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::tailscaled::{Exchange, World, exchanges};

/// Asks the fake what a real one was asked, in the same order, and compares status, content type and body.
fn compare(world: &mut World, file: &str, is_known: impl Fn(&Exchange) -> bool, parts: impl Fn(&Exchange, &mut Value)) {
    let mut compared = 0;
    // The fake has tags of its own: those of the capture stand for them.
    let mut tags = BTreeMap::new();
    for exchange in exchanges(file).iter().filter(|exchange| is_known(exchange)) {
        let mut request = exchange.request.clone();
        if let Some(tag) = request.headers.get_mut("if-match")
            && let Some(own) = tags.get(tag)
        {
            tag.clone_from(own);
        }
        let answer = world.answer(&request);
        let about = format!("{file}: {} {:?}", exchange.note, exchange.request);
        let Some(reply) = answer.reply() else {
            assert_eq!(exchange.status, None, "{about}");
            compared += 1;
            continue;
        };
        assert_eq!(Some(reply.status), exchange.status, "{about}\n{}", reply.body);
        assert_eq!(reply.etag.is_some(), exchange.etag.is_some(), "{about}");
        if let (Some(captured), Some(own)) = (&exchange.etag, &reply.etag) {
            tags.insert(captured.clone(), own.clone());
        }
        assert_eq!(reply.content_type, exchange.content_type.as_deref(), "{about}");
        let mut expected = exchange.body.clone();
        let mut body = match serde_json::from_str(&reply.body) {
            Ok(json) if !expected.is_string() => json,
            _ => Value::String(reply.body.clone()),
        };
        parts(exchange, &mut expected);
        parts(exchange, &mut body);
        if !is_cut(&expected) && exchange.request.method != "HEAD" {
            assert_eq!(body, expected, "{about}");
        }
        compared += 1;
    }
    assert!(compared >= 3, "{file}: only {compared} exchanges were compared");
}

/// Long bodies are cut in some captures, and say so.
fn is_cut(body: &Value) -> bool {
    body.as_str().is_some_and(|text| text.starts_with('<'))
}

fn whole(_: &Exchange, _: &mut Value) {}

/// Latencies differ from ping to ping.
fn without_latency(_: &Exchange, body: &mut Value) {
    if let Some(latency) = body.get_mut("LatencySeconds") {
        *latency = 0.into();
    }
}

#[test]
fn pings() {
    compare(&mut World::running(), "12-ping.json", |_| true, without_latency);
}

#[test]
fn pings_to_a_peer_that_is_gone() {
    let mut world = World::running();
    world.dead.insert("delta".to_owned());
    let is_known = |exchange: &Exchange| exchange.request.parameter("type") != "peerapi";
    compare(&mut world, "13-ping-unreachable.json", is_known, whole);
}

#[test]
fn changes_of_preferences() {
    let mut world = World::running();
    world.offer_exit_node("gamma");
    let is_known = |exchange: &Exchange| {
        exchange.request.path.ends_with("/prefs")
            && !matches!(
                exchange.note.as_str(),
                "wrong type" | "exit node by IP: a peer that is no exit node"
            )
    };
    compare(&mut world, "20-prefs-patch.json", is_known, |_, body| {
        // Only a name that was once given is there.
        if let Some(prefs) = body.as_object_mut() {
            prefs.remove("InternalExitNodePrior");
        }
    });
}

#[test]
fn what_is_served() {
    compare(&mut World::running(), "25-serve-config.json", |_| true, whole);
}

#[test]
fn who_is_behind_an_address() {
    let is_known = |exchange: &Exchange| {
        exchange.request.path.ends_with("/whois") && !exchange.request.parameter("addr").starts_with("nodekey")
    };
    compare(&mut World::running(), "26-whois.json", is_known, |_, body| {
        // The fake has less to say about a node.
        if let Some(node) = body.get_mut("Node").and_then(Value::as_object_mut) {
            node.retain(|key, _| ["ID", "StableID", "Name", "User", "Addresses", "Online"].contains(&key.as_str()));
        }
        if let Some(capabilities) = body.get_mut("CapMap") {
            *capabilities = Value::Null;
        }
    });
}

#[test]
fn rights() {
    let endpoints = [
        "status",
        "prefs",
        "ping",
        "whois",
        "derpmap",
        "serve-config",
        "usermetrics",
        "cert-domains",
    ];
    let is_known = |exchange: &Exchange| {
        let endpoint = exchange.request.endpoint().unwrap_or_default();
        endpoints.contains(&endpoint) || endpoint.starts_with("cert/")
    };
    let mut world = World::running();
    world.serve = serde_json::json!({});
    compare(&mut world, "28-access-nonroot.json", is_known, |exchange, body| {
        if exchange.request.path.ends_with("/usermetrics") {
            *body = Value::Null;
        }
        without_latency(exchange, body);
    });
}

#[test]
fn names_of_hosts_and_paths() {
    let is_known = |exchange: &Exchange| {
        let unknown = ["/", "/localapi/v0/metrics", "/localapi/v0/update/progress"];
        !unknown.contains(&exchange.request.path.as_str()) && exchange.note != "HTTP/1.0 without Host"
    };
    compare(&mut World::running(), "31-host-path-method.json", is_known, whole);
}

#[test]
fn before_the_first_login() {
    let endpoints = [
        "ping",
        "whois",
        "derpmap",
        "serve-config",
        "suggest-exit-node",
        "check-ip-forwarding",
    ];
    let is_known = |exchange: &Exchange| {
        let endpoint = exchange.request.endpoint().unwrap_or_default();
        endpoints.contains(&endpoint)
    };
    compare(
        &mut World::needs_login(),
        "03-needslogin-exchanges.json",
        is_known,
        whole,
    );
}

/// Whether the fake knows the endpoint of an exchange.
fn is_one_of(exchange: &Exchange, endpoints: &[&str]) -> bool {
    endpoints.contains(&exchange.request.endpoint().unwrap_or_default())
}

/// What is said of a node that changes by itself is left out: counters, when, and what else the laboratory had by then.
fn in_general(exchange: &Exchange, body: &mut Value) {
    without_latency(exchange, body);
    let status = body.as_object_mut().filter(|body| body.contains_key("BackendState"));
    if let Some(status) = status {
        let online = |peer: &Value| (peer["HostName"].to_string(), peer["Online"].clone());
        let peers = status["Peer"].as_object().into_iter().flatten();
        let peers: BTreeMap<String, Value> = peers
            .map(|(_, peer)| online(peer))
            .filter(|(name, _)| name != "\"\"")
            .collect();
        let own = &status["Self"];
        let own: Vec<Value> = ["Online", "PeerAPIURL", "TailscaleIPs"]
            .map(|key| own[key].clone())
            .into();
        status.retain(|key, _| !["Peer", "Self", "ExitNodeStatus", "ClientVersion"].contains(&key.as_str()));
        status.insert("Peers".to_owned(), serde_json::json!(peers));
        status.insert("Own".to_owned(), own.into());
    }
    if let Some(prefs) = body.as_object_mut().filter(|body| body.contains_key("ControlURL")) {
        prefs.remove("InternalExitNodePrior");
    }
    if exchange.request.path.ends_with("/whois") && body.is_object() {
        *body = body["Node"]["Name"].take();
    }
}

#[test]
fn while_it_is_stopped() {
    let mut world = World::running();
    world.serve = serde_json::json!({});
    let known = ["prefs", "status", "ping", "whois", "serve-config", "derpmap"];
    let is_known = |exchange: &Exchange| is_one_of(exchange, &known) && exchange.request.parameter("type") != "peerapi";
    compare(&mut world, "33-stopped.json", is_known, in_general);
    assert_eq!(
        world.status["BackendState"], "Running",
        "in the end it was started again"
    );
    assert_eq!(world.status["Self"]["Online"], true);
}

#[test]
fn while_its_key_has_expired() {
    let mut world = World::running();
    world.apply(&change("key-expires")).expect("it has a key");
    let known = ["prefs", "status", "ping", "login-interactive"];
    compare(
        &mut world,
        "35-key-expired.json",
        |exchange| is_one_of(exchange, &known),
        in_general,
    );
    assert_eq!(world.status["BackendState"], "NeedsLogin");
}

fn change(line: &str) -> crate::support::tailscaled::Change {
    match crate::support::tailscaled::Action::read(line) {
        Ok(crate::support::tailscaled::Action::Change(change)) => change,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn after_a_logout() {
    let known = ["prefs", "status", "ping", "logout"];
    let mut world = World::running();
    compare(
        &mut world,
        "37-logout.json",
        |exchange| is_one_of(exchange, &known),
        in_general,
    );
}

#[test]
fn the_operator_may_what_root_may_but_for_paths() {
    let known = [
        "status",
        "prefs",
        "ping",
        "whois",
        "derpmap",
        "serve-config",
        "cert-domains",
        "suggest-exit-node",
        "check-ip-forwarding",
    ];
    let mut world = World::running();
    world.serve = serde_json::json!({});
    world.operator = Some(65_534);
    compare(
        &mut world,
        "29-access-operator.json",
        |exchange| is_one_of(exchange, &known),
        in_general,
    );
}

#[test]
fn an_older_one() {
    let mut world = World::old();
    let known = ["status", "prefs", "ping", "serve-config", "nosuch"];
    compare(
        &mut world,
        "40-v1.96.5.txt",
        |exchange| is_one_of(exchange, &known),
        in_general,
    );
}
