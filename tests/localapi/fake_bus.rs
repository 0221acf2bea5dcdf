//! What the fake says on the bus, against what real ones said: the same lines in the same order, with the same keys.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::tailscaled::{Action, Answer, Request, Scenario, Stream, World, body, streams};

/// What differs from one map of keys to the next: warnings, nodes and capabilities by their names.
const BY_NAME: [&str; 3] = ["Warnings", "PeerState", "CapMap"];

/// Asserts that both have the same keys, all the way down.
fn same_keys(own: &Value, captured: &Value, at: &str) {
    match (own, captured) {
        (Value::Object(own), Value::Object(captured)) => {
            if captured.contains_key("shortened") || BY_NAME.iter().any(|name| at.ends_with(name)) {
                return;
            }
            let keys = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(keys(own), keys(captured), "{at}");
            for (key, value) in own {
                same_keys(value, &captured[key], &format!("{at}.{key}"));
            }
        }
        (Value::Array(own), Value::Array(captured)) => {
            if let (Some(own), Some(captured)) = (own.first(), captured.first()) {
                same_keys(own, captured, &format!("{at}[0]"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {
            let may_be_empty = at.ends_with("Warnings");
            assert!(may_be_empty || own == captured, "{at}: {own} and {captured}");
        }
        (own, captured) => {
            let (one, other) = (std::mem::discriminant(own), std::mem::discriminant(captured));
            assert_eq!(one, other, "{at}: {own} and {captured}");
        }
    }
}

/// The keys of a line that say something; those that every line has count only with a value.
fn said(line: &Value) -> Vec<String> {
    let keys = line.as_object().expect("an object").iter();
    keys.filter(|(key, value)| !value.is_null() && !["Version", "SessionID", "+s"].contains(&key.as_str()))
        .map(|(key, value)| match key.as_str() {
            "State" => format!("State {value}"),
            key => key.to_owned(),
        })
        .collect()
}

/// The codes of what is wrong. The laboratory of the captures had no resolver, which is no part of what is compared.
fn codes(line: &Value) -> Option<BTreeSet<String>> {
    let health = line.get("Health")?;
    let codes = health["Warnings"].as_object().into_iter().flatten();
    Some(
        codes
            .map(|(code, _)| code.clone())
            .filter(|code| code != "dns-forward-failing")
            .collect(),
    )
}

/// A stream in short, a line each. Health that is what it was says nothing and is left out, and so is `but`.
fn in_short(lines: &[Value], but: &[&str]) -> Vec<String> {
    let (mut short, mut wrong) = (Vec::new(), None);
    for line in lines {
        let mut said = said(line);
        let is_only_health = said == ["Health"];
        if let Some(codes) = codes(line) {
            if is_only_health && wrong.as_ref() == Some(&codes) {
                continue;
            }
            said.retain(|key| key != "Health");
            said.push(format!("Health {codes:?}"));
            wrong = Some(codes);
        }
        let is_left_out = |key: &String| but.contains(&key.as_str());
        if said.iter().any(is_left_out) && said.iter().all(is_left_out) {
            continue;
        }
        said.retain(|key| !is_left_out(key));
        short.push(said.join(", "));
    }
    short
}

/// What a stream hears from the beginning on, while that happens.
fn heard(world: &mut World, mask: u64, happens: &str) -> Vec<Value> {
    let mut lines = world.first_lines(mask);
    for line in happens.lines() {
        let Ok(Action::Change(change)) = Action::read(line.trim()) else {
            panic!("{line} changes nothing")
        };
        world.apply(&change).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
        for news in std::mem::take(&mut world.news) {
            lines.extend_from_slice(news.lines(mask));
        }
    }
    lines
}

fn number(stream: &Stream) -> u64 {
    stream.mask.parse().expect("a number")
}

fn find(file: &str, mask: &str) -> Stream {
    let mut found = streams(file).into_iter().filter(|stream| stream.mask == mask);
    found.next().unwrap_or_else(|| panic!("{file}: no stream {mask}"))
}

/// Asks for each mask that was asked, and compares what comes at once.
fn first_lines(file: &str, mut world: World, expected: usize) {
    let asked: Vec<Stream> = streams(file)
        .into_iter()
        .filter(|stream| stream.about.contains("HTTP "))
        .collect();
    assert_eq!(asked.len(), expected, "{file}");
    for stream in asked {
        let at = format!("{file}: mask {}", stream.mask);
        let answer = world.answer(&Request::new(
            "GET",
            &format!("/localapi/v0/watch-ipn-bus?mask={}", stream.mask),
        ));
        let Answer::Stream { mask } = answer else {
            assert!(stream.about.contains("HTTP 400"), "{at}");
            let reply = answer.reply().expect("it says why");
            assert_eq!(
                (reply.status, reply.body.trim_end()),
                (400, stream.said.as_str()),
                "{at}"
            );
            continue;
        };
        assert!(stream.about.contains("HTTP 200"), "{at}");
        let own = world.first_lines(mask);
        for (own, captured) in own.iter().zip(&stream.lines) {
            same_keys(own, captured, &at);
        }
        // Nothing is missing: what came later in those seconds were empty lines, and the laboratory's resolver.
        let more = stream
            .lines
            .get(own.len()..)
            .unwrap_or_else(|| panic!("{at}: too much"));
        let of_interest: Vec<&Value> = more
            .iter()
            .filter(|line| !said(line).iter().all(|key| key == "Health"))
            .collect();
        assert_eq!(of_interest, Vec::<&Value>::new(), "{at}");
    }
}

#[test]
fn the_first_lines_for_each_mask() {
    first_lines("16-bus-initial-by-mask.txt", World::running(), 16);
}

#[test]
fn the_first_lines_of_an_older_one() {
    let mut world = World::old();
    // It had just been told to.
    world
        .set("AdvertiseRoutes", &serde_json::json!(["192.168.10.5/24"]))
        .expect("it takes it");
    first_lines("40-v1.96.5.txt", world, 10);
}

#[test]
fn peers_that_change_one_by_one() {
    let happens = "offline gamma\nonline gamma\noffline gamma\nleaves delta\njoins delta\n\
         warn control-health.lab-notice \"a notice\"\nwarn control-health.lab-high \"a problem\"\nmend\n\
         warn control-health.health-e316252120765da4c49d7e0c6247379b07baf400d69af0a710fb128e934222d9 \"an older one\"";
    for mask in ["130", "4224", "33408"] {
        let captured = find("36-bus-deltas-and-health.txt", mask);
        let mut own = heard(&mut World::running(), number(&captured), happens);
        // The first map brings the users with it.
        let but = ["UserProfiles"];
        assert_eq!(in_short(&own, &but), in_short(&captured.lines, &but), "{mask}");
        for (own, mut captured) in own.iter_mut().zip(captured.lines) {
            for key in ["PeerChangedPatch", "PeersRemoved", "PeersChanged", "SelfChange"] {
                if !captured[key].is_null() && !captured[key].to_string().contains("shortened") {
                    same_keys(
                        &without_last_seen(own[key].take()),
                        &without_last_seen(captured[key].take()),
                        key,
                    );
                }
            }
        }
    }
}

/// When a node was last seen comes from the control plane, or does not.
fn without_last_seen(mut nodes: Value) -> Value {
    for node in nodes.as_array_mut().into_iter().flatten() {
        if let Some(node) = node.as_object_mut() {
            node.remove("LastSeen");
        }
    }
    nodes
}

#[test]
fn peers_that_change_with_the_whole_map() {
    for mask in ["2", "4098"] {
        let captured = find("18-bus-peer-changes.txt", mask);
        let own = heard(&mut World::running(), number(&captured), "map\nmap\nmap\nmap");
        let users = ["UserProfiles"];
        let mut expected = in_short(&captured.lines, &users);
        let own = in_short(&own, &users);
        if mask == "4098" {
            // Its first line of the map brought the users, and nothing else.
            expected.insert(1, String::new());
        }
        assert_eq!(own, expected, "{mask}");
    }
}

#[test]
fn an_older_one_sends_everything_to_everybody() {
    let all = streams("40-v1.96.5.txt");
    let changes = all.iter().rfind(|stream| stream.mask == "2").expect("there are two");
    let own = heard(
        &mut World::old(),
        2,
        "offline gamma\noffline gamma\nonline gamma\nleaves delta",
    );
    assert_eq!(in_short(&own, &[]), in_short(&changes.lines, &[]));
    let online = |line: &Value| -> Vec<(Value, Value)> {
        let peers = line["NetMap"]["Peers"].as_array().into_iter().flatten();
        let mut peers: Vec<_> = peers.map(|peer| (peer["ID"].clone(), peer["Online"].clone())).collect();
        peers.sort_by_key(|(id, _)| id.as_u64());
        peers
    };
    for (own, captured) in own.iter().zip(&changes.lines) {
        assert_eq!(online(own), online(captured));
    }
}

#[test]
fn stopped_and_started() {
    let captured = find("34-bus-stop-start.txt", "134");
    let own = heard(
        &mut World::running(),
        134,
        "set WantRunning false\nwarn no-derp-connection\nset ExitNodeID \"TESTCTRL00000002\"\nset ExitNodeID \"\"\n\
         set WantRunning true",
    );
    same_keys(&own[0], &captured.lines[0], "the first line");
    // The relay is connected to a little later, and its figures come.
    let mut expected = in_short(&captured.lines, &[]);
    assert_eq!(expected.split_off(expected.len() - 2), ["Engine", ""]);
    assert_eq!(in_short(&own, &[]), expected);
}

#[test]
fn the_first_login() {
    let captured = find("05-bus-login.txt", "16526");
    let mut world = World::needs_login();
    let own = heard(&mut world, 16_526, "login");
    same_keys(&own[0], &captured.lines[0], "the first line");
    // In between somebody asks for the page, and is told.
    let expected = in_short(&captured.lines, &[]);
    let (first, rest) = expected.split_at(1);
    let begins = rest
        .iter()
        .position(|line| line == "LoginFinished")
        .expect("somebody logs in");
    let expected = [first, &rest[begins..]].concat();
    assert_eq!(in_short(&own, &[]), expected);
    assert_eq!(world.status["BackendState"], "Running");
}

/// The stream of a captured list of exchanges.
fn stream_of(file: &str) -> Vec<Value> {
    let whole = body(file);
    let entries = whole.as_array().expect("a list");
    let keyed = entries.iter().flat_map(|entry| entry.as_object().expect("an object"));
    let mut streams = keyed.filter(|(key, _)| key.starts_with("bus mask="));
    let (_, lines) = streams.next().unwrap_or_else(|| panic!("{file} has a stream"));
    lines.as_array().expect("a list").clone()
}

#[test]
fn a_key_that_expires() {
    let captured = stream_of("35-key-expired.json");
    let own = heard(&mut World::running(), 130, "key-expires\nlogin");
    // Who asks for the page hears of it.
    assert_eq!(in_short(&own, &[]), in_short(&captured, &["BrowseToURL"]));
}

#[test]
fn logged_out() {
    let captured = stream_of("37-logout.json");
    let own = heard(&mut World::running(), 134, "logout\nset WantRunning true");
    let told = |lines: &[Value]| -> Vec<String> {
        let short = in_short(lines, &[]);
        short
            .into_iter()
            .filter(|line| !line.starts_with("Health"))
            .map(|line| line.split(", Health").next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(told(&own), told(&captured));
}

#[test]
fn preferences_that_change() {
    let captured = find("21-bus-during-prefs-patch.txt", "134");
    let own = heard(
        &mut World::running(),
        134,
        "set AdvertiseRoutes [\"192.168.10.0/24\"]\nwarn ip-forwarding-off\nset AdvertiseRoutes null\nmend\n\
         set ExitNodeID \"TESTCTRL00000002\"",
    );
    same_keys(&own[0], &captured.lines[0], "the first line");
    // The control plane of the laboratory answered each change with the whole map.
    let mut expected = in_short(&captured.lines, &["SelfChange"]);
    expected.retain(|line| !line.is_empty());
    assert_eq!(in_short(&own, &[]), expected);
}

/// The status, now and then for nine minutes, and the bus.
#[test]
fn a_lost_control_plane() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/tailscaled/control-lost.scenario"
    ));
    let scenario = Scenario::read(&text.expect("it is part of the repository")).expect("it can be played");
    let whole = body("38-control-gone-health.json");
    let seen: Vec<&Value> = whole.as_array().expect("a list").iter().collect();
    let seen: Vec<&Value> = seen
        .into_iter()
        .filter(|entry| entry["seconds_after_control_and_DERP_went_away"].is_u64())
        .collect();
    assert_eq!(seen.len(), 8);
    let mut world = World::running();
    let mut lines = world.first_lines(130);
    let mut steps: Vec<_> = scenario.steps().collect();
    steps.reverse();
    for entry in seen {
        let second = entry["seconds_after_control_and_DERP_went_away"]
            .as_u64()
            .expect("a number");
        while let Some((at, step)) = steps.pop_if(|(at, _)| at.unwrap_or_default().as_secs() <= second) {
            let Action::Change(change) = step else {
                panic!("{at:?} {step}")
            };
            world.apply(&change).expect("it was tried");
            for news in std::mem::take(&mut world.news) {
                lines.extend_from_slice(news.lines(130));
            }
        }
        for key in ["BackendState", "Health"] {
            assert_eq!(world.status[key], entry[key], "{key} after {second} s");
        }
        assert_eq!(world.status["Self"]["Online"], entry["Self.Online"], "after {second} s");
        assert!(world.peers().all(|peer| peer["Online"] == true));
        assert!(
            entry["peers"]
                .as_object()
                .expect("peers")
                .values()
                .all(|peer| peer["Online"] == true)
        );
    }
    assert_eq!(
        in_short(&lines, &[]),
        in_short(&stream_of("38-control-gone-health.json"), &["Engine"])
    );
    assert_eq!(lines.len(), 2, "eight minutes of silence, and one line");
}
