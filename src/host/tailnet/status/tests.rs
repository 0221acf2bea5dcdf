use serde_json::Value;
use snapbox::IntoData;

use super::*;
use crate::host::show::{Screen, State, View};
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::when::DAY;
use crate::localapi::Error;

/// 2026-11-20T04:05:00Z, when the captures were taken.
const NOW: WallTime = WallTime::from_unix(1_795_147_500);

fn captured(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn running() -> Value {
    captured(include_str!(
        "../../../../tests/fixtures/localapi/07-status-running.json"
    ))
}

fn exit_node_in_use() -> Value {
    captured(include_str!(
        "../../../../tests/fixtures/localapi/23-status-exit-node.json"
    ))
}

fn peer<'a>(status: &'a mut Value, name: &str) -> &'a mut Value {
    let peers = status["Peer"].as_object_mut().unwrap();
    peers.values_mut().find(|peer| peer["HostName"] == name).unwrap()
}

/// The preferences, with these instead of those that were captured.
fn prefs(changes: &Value) -> Value {
    let mut prefs = captured(include_str!(
        "../../../../tests/fixtures/localapi/09-prefs-running.json"
    ));
    for (name, value) in changes.as_object().unwrap() {
        prefs[name] = value.clone();
    }
    prefs
}

fn facts(status: &Value, prefs: &Value) -> Facts {
    Facts {
        daemon: None,
        status: Ok(serde_json::from_value(status.clone()).unwrap()),
        prefs: Some(serde_json::from_value(prefs.clone()).unwrap()),
        forwarding: None,
        ssh_listener: Some(true),
        certificates: vec![(
            "alpha.lab-tailnet.ts.net".to_owned(),
            Certificate::Ends(NOW.unix() + 61 * DAY),
        )],
    }
}

fn usual() -> Value {
    prefs(&serde_json::json!({}))
}

#[allow(clippy::needless_pass_by_value, reason = "most are made for one call")]
fn judged(facts: Facts) -> NodeStatus {
    judge::judge(&facts, NOW)
}

fn drawn(seen: &NodeStatus, width: usize) -> String {
    let mut out = Vec::new();
    seen.draw(&Screen::plain(width), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{line}");
        assert_eq!(line.trim_end(), line, "no line ends in spaces");
    }
    text
}

#[track_caller]
fn golden(seen: &NodeStatus, width: usize, file: snapbox::Data) {
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(drawn(seen, width).into_data().raw(), file.raw());
}

/// All that is wrong, in the order in which it is shown.
fn reasons(seen: &NodeStatus) -> Vec<(State, &str)> {
    seen.reasons
        .iter()
        .map(|reason| (reason.state, reason.text.as_str()))
        .collect()
}

#[test]
fn all_is_good() {
    let seen = judged(facts(&running(), &usual()));
    assert_eq!((seen.state, reasons(&seen)), (State::Good, Vec::new()));
    golden(&seen, 80, snapbox::file!["tests/good-80.txt"]);
    golden(&seen, 120, snapbox::file!["tests/good-120.txt"]);
}

#[test]
fn an_older_daemon_is_as_good() {
    let text = include_str!("../../../../tests/fixtures/localapi/40-v1.96.5.txt");
    let exchange = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|exchange| exchange["request"]["path"] == "/localapi/v0/status")
        .unwrap();
    let seen = judged(facts(&exchange["response"]["body"], &usual()));
    assert_eq!(seen.state, State::Good);
    assert_eq!(seen.version.as_deref(), Some("1.96.5"));
    assert_eq!(seen.peers.len(), 3);
}

#[test]
fn an_exit_node_is_named_with_who_chose_it() {
    let by_name = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    let mut status = exit_node_in_use();
    let seen = judged(facts(&status, &by_name));
    assert_eq!(
        reasons(&seen),
        [(
            State::Good,
            "Some peers are advertising routes but --accept-routes is false"
        )]
    );
    golden(&seen, 80, snapbox::file!["tests/exit-node-80.txt"]);

    peer(&mut status, "gamma")["Online"] = false.into();
    let seen = judged(facts(&status, &by_name));
    assert_eq!(seen.state, State::Degraded);
    assert!(
        seen.reasons[0].text.contains("does not see the exit node gamma"),
        "{:?}",
        seen.reasons
    );

    let by_tailscaled = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002", "AutoExitNode": "any"}));
    let exit = judged(facts(&status, &by_tailscaled)).exit_node.unwrap();
    assert_eq!(exit.chosen_by, seen::ChosenBy::Tailscaled);
}

#[test]
fn an_exit_node_that_lets_nothing_out_is_down() {
    for (prefs_then, text) in [
        (
            serde_json::json!({"ExitNodeID": "nGONE"}),
            "the exit node nGONE is not in this tailnet",
        ),
        (
            serde_json::json!({"ExitNodeID": "TESTCTRL00000001"}),
            "beta is chosen as exit node and is none",
        ),
        (
            serde_json::json!({"AutoExitNode": "any"}),
            "tailscaled looks for an exit node",
        ),
    ] {
        let seen = judged(facts(&running(), &prefs(&prefs_then)));
        assert_eq!(seen.state, State::Down, "{text}");
        assert!(seen.reasons[0].text.starts_with(text), "{:?}", seen.reasons);
        assert_eq!(
            seen.reasons[0].command.as_deref(),
            Some("sudo tailscale set --exit-node=")
        );
    }
}

#[test]
fn offered_routes_wait_for_approval_and_for_forwarding() {
    let captured = captured(include_str!(
        "../../../../tests/fixtures/localapi/22-status-advertised-route.json"
    ));
    let offers = prefs(&serde_json::json!({"AdvertiseRoutes": ["192.168.10.0/24"]}));
    let status_of = |part: &str| {
        let mut status = running();
        for field in ["Self", "Health"] {
            status[field] = captured[part][field].clone();
        }
        status
    };
    let mut waiting = facts(&status_of("advertised_not_approved"), &offers);
    let advice = &captured["check_ip_forwarding"]["response"]["body"]["Warning"];
    waiting.forwarding = advice.as_str().map(str::to_owned);
    let seen = judged(waiting);
    assert_eq!(seen.state, State::Degraded);
    golden(&seen, 80, snapbox::file!["tests/routes-waiting-80.txt"]);

    let mut approved = status_of("advertised_and_approved");
    approved["Health"] = Value::Null;
    let seen = judged(facts(&approved, &offers));
    assert_eq!(seen.state, State::Good);
    let [route] = &seen.routes.advertised[..] else {
        panic!("one route")
    };
    assert!(route.approved && route.primary);
    // Version 1.96 took host bits; the control plane left them out.
    let host_bits = prefs(&serde_json::json!({"AdvertiseRoutes": ["192.168.10.5/24"]}));
    assert!(judged(facts(&approved, &host_bits)).routes.advertised[0].approved);
}

#[test]
fn a_node_that_is_not_connected_is_down_and_says_what_to_type() {
    let login = captured(include_str!(
        "../../../../tests/fixtures/localapi/01-status-needslogin.json"
    ));
    let nobody = captured(include_str!(
        "../../../../tests/fixtures/localapi/02-prefs-needslogin.json"
    ));
    let mut fresh = facts(&login, &nobody);
    fresh.certificates.clear();
    let seen = judged(fresh.clone());
    assert_eq!(reasons(&seen), [(State::Down, "nobody is logged in")]);
    golden(&seen, 80, snapbox::file!["tests/needs-login-80.txt"]);

    let mut waiting = login.clone();
    waiting["AuthURL"] = "https://login.example.com/a/1".into();
    let seen = judged(facts(&waiting, &nobody));
    assert_eq!(
        reasons(&seen),
        [(State::Down, "somebody has to log in: https://login.example.com/a/1")]
    );

    let stopped = captured(include_str!("../../../../tests/fixtures/localapi/33-stopped.json"));
    let seen = judged(facts(&stopped[1]["response"]["body"], &usual()));
    assert_eq!(
        (seen.state, seen.reasons[0].text.as_str()),
        (State::Down, "this node was told to be down")
    );
    golden(&seen, 80, snapbox::file!["tests/stopped-80.txt"]);

    let expired = captured(include_str!("../../../../tests/fixtures/localapi/35-key-expired.json"));
    let mut late = facts(&expired[3]["response"]["body"], &usual());
    late.certificates.clear();
    let seen = judge::judge(&late, WallTime::from_unix(NOW.unix() + DAY));
    assert_eq!(reasons(&seen), [(State::Down, "the key of this node has expired")]);
}

#[test]
fn a_lost_control_plane_is_seen_before_tailscaled_says_so() {
    let mut status = running();
    status["Self"]["Online"] = false.into();
    let seen = judged(facts(&status, &usual()));
    assert_eq!(seen.state, State::Degraded);
    assert!(seen.reasons[0].text.starts_with("the control plane is not reached"));
}

#[test]
fn a_key_and_a_certificate_that_end_soon_are_told() {
    let mut status = running();
    let in_days = |days: u64| crate::host::tailnet::when::written(NOW.unix() + days * DAY);
    status["Self"]["KeyExpiry"] = in_days(30).into();
    let mut late = facts(&status, &usual());
    assert_eq!(judged(late.clone()).state, State::Good);
    late.certificates[0].1 = Certificate::Ends(NOW.unix() + 13 * DAY);
    let seen = judged(late.clone());
    assert!(
        seen.reasons[0]
            .text
            .contains("ends in 13 days (2026-12-03) and was not renewed"),
        "{:?}",
        seen.reasons
    );
    status["Self"]["KeyExpiry"] = in_days(6).into();
    let seen = judged(facts(&status, &usual()));
    assert_eq!(
        reasons(&seen),
        [(State::Degraded, "the key of this node expires in 6 days (2026-11-26)")]
    );
}

#[test]
fn port_22_has_somebody_or_nobody() {
    for (prefs_then, listener, expected) in [
        (serde_json::json!({}), Some(true), "a server of this machine"),
        (
            serde_json::json!({"RunSSH": true}),
            Some(true),
            "tailscaled to the tailnet, a server of this machine elsewhere",
        ),
        (
            serde_json::json!({"RunSSH": true}),
            Some(false),
            "tailscaled to the tailnet, nobody elsewhere",
        ),
        (
            serde_json::json!({"ShieldsUp": true}),
            Some(true),
            "nobody to the tailnet, a server of this machine elsewhere",
        ),
        (serde_json::json!({}), None, "not known"),
    ] {
        let mut facts = facts(&running(), &prefs(&prefs_then));
        facts.ssh_listener = listener;
        let text = drawn(&judged(facts), 120);
        assert!(
            text.contains(&format!("port 22     {expected}\n")),
            "{expected}: {text}"
        );
    }
}

#[test]
fn a_tailscaled_that_cannot_be_asked_is_down_or_cannot_be_told() {
    let socket = std::path::PathBuf::from("/run/tailscale/tailscaled.sock");
    for (error, state, command) in [
        (
            Error::NoSocket(socket.clone()),
            State::Down,
            Some("sudo systemctl start tailscaled"),
        ),
        (
            Error::NobodyListens(socket.clone()),
            State::Down,
            Some("sudo systemctl restart tailscaled"),
        ),
        (
            Error::SocketClosed(socket),
            State::CannotTell,
            Some("ls -l /run/tailscale/tailscaled.sock"),
        ),
        (
            Error::TimedOut {
                endpoint: "status".to_owned(),
                patience: std::time::Duration::from_secs(3),
            },
            State::CannotTell,
            Some("journalctl -u tailscaled -n 50"),
        ),
        (
            Error::Unreadable {
                endpoint: "status".to_owned(),
                reason: "EOF at line 1".to_owned(),
            },
            State::CannotTell,
            None,
        ),
    ] {
        let mut facts = facts(&running(), &usual());
        facts.status = Err(error);
        let seen = judged(facts);
        assert_eq!(seen.state, state);
        assert_eq!(seen.reasons[0].command.as_deref(), command, "{:?}", seen.reasons);
        if state == State::Down && command == Some("sudo systemctl start tailscaled") {
            golden(&seen, 80, snapbox::file!["tests/away-80.txt"]);
        }
    }
}

#[test]
fn names_that_act_on_a_terminal_are_drawn_harmless() {
    let mut status = running();
    let gamma = peer(&mut status, "gamma");
    gamma["DNSName"] = "".into();
    gamma["HostName"] = "\u{1b}[2Jgone\n\u{202e}".into();
    gamma["OS"] = "\u{7}".into();
    status["Health"] = serde_json::json!(["line\u{1b}]0;x\u{7} one"]);
    let text = drawn(&judged(facts(&status, &usual())), 80);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(NodeStatus)).unwrap();
    let published = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/ts-status.json");
    let published = snapbox::Data::read_from(&published, None);
    snapbox::assert_data_eq!(format!("{schema}\n"), published.raw());
}

#[test]
fn what_cannot_be_told_does_not_hide_what_is_known() {
    let mut status = running();
    status["BackendState"] = "NeedsLogin".into();
    let mut unread = facts(&status, &usual());
    unread.prefs = None;
    let seen = judged(unread);
    assert_eq!(seen.state, State::Down, "nobody is logged in");
    let said = reasons(&seen);
    assert_eq!(said.first().map(|(state, _)| *state), Some(State::Down), "{said:?}");
    assert!(said.iter().any(|(state, _)| *state == State::CannotTell), "{said:?}");
}
