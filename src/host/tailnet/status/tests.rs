use serde_json::Value;

use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::monitor::control::Unreached;
use crate::host::show::{State, drawn, golden, long_name};
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::when::DAY;
use crate::localapi::Error;
use crate::monitor::Report;

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

fn usual() -> Value {
    prefs(&serde_json::json!({}))
}

#[allow(clippy::needless_pass_by_value, reason = "most are made for one call")]
fn judged(facts: Facts) -> NodeStatus {
    judge::judge(&facts, NOW)
}

/// All that is wrong, in the order in which it is shown.
fn reasons(seen: &NodeStatus) -> Vec<(State, &str)> {
    seen.reasons
        .iter()
        .map(|reason| (reason.state, reason.text.as_str()))
        .collect()
}

/// What the monitor says: where the exit node stands, and what else.
fn report(subject: &Value, more: &Value) -> Report {
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

fn with_monitor(facts: Facts, asked: &Result<Report, Unreached>) -> NodeStatus {
    let mut seen = judged(facts);
    judge::add_failover(&mut seen, asked);
    seen
}

/// Each state, by the name of its files.
#[allow(clippy::too_many_lines, reason = "a table")]
fn states() -> Vec<(&'static str, NodeStatus, State)> {
    let gamma = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    let failed_over = || facts(&exit_node_in_use(), &gamma);
    let away = serde_json::json!({"phase": "away", "standing": {"exit-node": {"node": "gamma"}}});
    let state_of = |state: &str| {
        let mut status = running();
        status["BackendState"] = state.into();
        status
    };
    let mut no_login = facts(
        &captured(include_str!(
            "../../../../tests/fixtures/localapi/01-status-needslogin.json"
        )),
        &captured(include_str!(
            "../../../../tests/fixtures/localapi/02-prefs-needslogin.json"
        )),
    );
    no_login.certificates.clear();
    let stopped = captured(include_str!("../../../../tests/fixtures/localapi/33-stopped.json"));
    let mut key_ends = running();
    key_ends["Self"]["KeyExpiry"] = crate::host::tailnet::when::written(NOW.unix() + 6 * DAY).into();
    let mut gone = facts(&running(), &usual());
    gone.status = Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into()));
    gone.peers = Peers::default();
    let mut silent = gone.clone();
    silent.status = Err(Error::TimedOut {
        endpoint: "status".to_owned(),
        patience: std::time::Duration::from_secs(3),
    });
    let mut unseen = exit_node_in_use();
    peer(&mut unseen, "gamma")["Online"] = false.into();
    vec![
        ("good", judged(facts(&running(), &usual())), State::Good),
        ("exit-node", judged(failed_over()), State::Good),
        (
            "failed-over",
            with_monitor(failed_over(), &Ok(report(&away, &serde_json::json!({})))),
            State::Degraded,
        ),
        (
            "no-exit-node",
            with_monitor(
                facts(&running(), &usual()),
                &Ok(report(
                    &serde_json::json!({"phase": "overridden", "standing": {"exit-node": "off"}, "chosen": {"by": "operator",
                        "was": {"exit-node": {"node": "gate"}}, "until": null}}),
                    &serde_json::json!({"pause": {}}),
                )),
            ),
            State::Degraded,
        ),
        (
            "no-monitor",
            with_monitor(failed_over(), &Err(Unreached::Away)),
            State::Degraded,
        ),
        ("exit-node-unseen", judged(facts(&unseen, &gamma)), State::Degraded),
        (
            "exit-node-gone",
            judged(facts(&running(), &prefs(&serde_json::json!({"ExitNodeID": "nGONE"})))),
            State::Down,
        ),
        ("needs-login", judged(no_login), State::Down),
        (
            "needs-approval",
            judged(facts(&state_of("NeedsMachineAuth"), &usual())),
            State::Down,
        ),
        (
            "starting",
            judged(facts(&state_of("Starting"), &usual())),
            State::Degraded,
        ),
        (
            "stopped",
            judged(facts(&stopped[1]["response"]["body"], &usual())),
            State::Down,
        ),
        ("key-ends", judged(facts(&key_ends, &usual())), State::Degraded),
        (
            "ssh",
            judged(facts(&running(), &prefs(&serde_json::json!({"RunSSH": true})))),
            State::Good,
        ),
        ("routes-waiting", judged(routes_waiting()), State::Degraded),
        ("every-path", judged(facts(&every_path(), &usual())), State::Good),
        ("away", judged(gone), State::Down),
        ("silent", judged(silent), State::CannotTell),
    ]
}

/// Peers that are reached in each way there is, with names as long as they may be.
fn every_path() -> Value {
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

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("tailnet/status", name, &seen);
    }
}

#[test]
fn who_chose_the_exit_node_is_known_where_a_monitor_runs() {
    let gamma = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002"}));
    for (about, chosen_by, line) in [
        (
            serde_json::json!({}),
            seen::ChosenBy::Settings,
            "gamma, as the settings want it, idle",
        ),
        (
            serde_json::json!({"standing": {"exit-node": {"node": "gamma"}}, "phase": "away"}),
            seen::ChosenBy::Monitor,
            "gamma, chosen by the monitor instead of gate, idle",
        ),
        (
            serde_json::json!({"chosen": {"by": "operator", "was": {"exit-node": "off"}, "until": null}}),
            seen::ChosenBy::Operator,
            "gamma, chosen by the operator, idle",
        ),
        (
            serde_json::json!({"chosen": {"by": "hand", "was": {"exit-node": "off"}, "until": null}}),
            seen::ChosenBy::Hand,
            "gamma, chosen by hand, idle",
        ),
    ] {
        let seen = with_monitor(
            facts(&exit_node_in_use(), &gamma),
            &Ok(report(&about, &serde_json::json!({}))),
        );
        assert_eq!(seen.exit_node.as_ref().unwrap().chosen_by, chosen_by);
        let text = drawn(&seen, 120);
        assert!(text.contains(&format!("exit node   {line}\n")), "{line}: {text}");
    }
    // tailscaled itself chose which.
    let any = prefs(&serde_json::json!({"ExitNodeID": "TESTCTRL00000002", "AutoExitNode": "any"}));
    let empty = serde_json::json!({});
    let seen = with_monitor(facts(&exit_node_in_use(), &any), &Ok(report(&empty, &empty)));
    assert_eq!(seen.exit_node.unwrap().chosen_by, seen::ChosenBy::Tailscaled);
}

#[test]
fn peers_are_counted_by_how_they_are_reached() {
    let seen = judged(facts(&every_path(), &usual()));
    let text = drawn(&seen, 120);
    let line = "  peers       10: 5 direct, 2 relayed, 1 without a path, 1 idle, 1 offline\n";
    assert!(text.contains(line), "{text}");
    let data = serde_json::to_value(&seen).unwrap();
    let names: Vec<&str> = data["peers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|peer| peer["name"].as_str().unwrap())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(data["peers"][1]["fullName"], "direct.lab-tailnet.ts.net");
    assert_eq!(data["peers"][1]["owner"], "user-123@fake-control.example.net");
}

#[test]
fn all_is_good() {
    let seen = judged(facts(&running(), &usual()));
    assert_eq!((seen.state, reasons(&seen)), (State::Good, Vec::new()));
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
    assert_eq!(seen.peers.iter().count(), 3);
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

fn captured_routes() -> Value {
    captured(include_str!(
        "../../../../tests/fixtures/localapi/22-status-advertised-route.json"
    ))
}

fn status_with_routes(part: &str) -> Value {
    let (captured, mut status) = (captured_routes(), running());
    for field in ["Self", "Health"] {
        status[field] = captured[part][field].clone();
    }
    status
}

fn routes_waiting() -> Facts {
    let offers = prefs(&serde_json::json!({"AdvertiseRoutes": ["192.168.10.0/24"]}));
    let mut waiting = facts(&status_with_routes("advertised_not_approved"), &offers);
    let advice = &captured_routes()["check_ip_forwarding"]["response"]["body"]["Warning"];
    waiting.forwarding = advice.as_str().map(str::to_owned);
    waiting
}

#[test]
fn offered_routes_wait_for_approval_and_for_forwarding() {
    assert_eq!(judged(routes_waiting()).state, State::Degraded);
    let offers = prefs(&serde_json::json!({"AdvertiseRoutes": ["192.168.10.0/24"]}));
    let mut approved = status_with_routes("advertised_and_approved");
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
            Some("tailscale version"),
        ),
    ] {
        let mut facts = facts(&running(), &usual());
        facts.status = Err(error);
        let seen = judged(facts);
        assert_eq!(seen.state, state);
        assert_eq!(seen.reasons[0].command.as_deref(), command, "{:?}", seen.reasons);
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

#[test]
fn a_tailscaled_that_is_too_old_is_told() {
    let seen_of = |version: &str| {
        let mut status = running();
        status["Version"] = version.into();
        let mut facts = facts(&status, &usual());
        facts.daemon = None;
        judged(facts)
    };
    let seen = seen_of("1.58.2-tabc");
    assert_eq!(seen.state, State::Degraded);
    let about = &seen.reasons[0];
    assert!(
        about.text.starts_with("tailscaled 1.58.2 is older than 1.60"),
        "{about:?}"
    );
    assert_eq!(about.command.as_deref(), Some("sudo nixos-rebuild switch --upgrade"));
    assert!(
        !seen_of("1.60.0")
            .reasons
            .iter()
            .any(|reason| reason.text.contains("older"))
    );
}
