//! What is wrong with a node, and what to type about it.

use super::super::judge;
use super::world::{NOW, captured, facts, judged, prefs, reasons, routes_waiting, running, status_with_routes, usual};
use crate::host::firewall::moment::WallTime;
use crate::host::show::State;
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::when::DAY;
use crate::localapi::Error;
use serde_json::Value;

#[test]
fn all_is_good() {
    let seen = judged(facts(&running(), &usual()));
    assert_eq!((seen.state, reasons(&seen)), (State::Good, Vec::new()));
}

#[test]
fn an_older_daemon_is_as_good() {
    let text = include_str!("../../../../../tests/fixtures/localapi/40-v1.96.5.txt");
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
        "../../../../../tests/fixtures/localapi/01-status-needslogin.json"
    ));
    let nobody = captured(include_str!(
        "../../../../../tests/fixtures/localapi/02-prefs-needslogin.json"
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

    let stopped = captured(include_str!("../../../../../tests/fixtures/localapi/33-stopped.json"));
    let seen = judged(facts(&stopped[1]["response"]["body"], &usual()));
    assert_eq!(
        (seen.state, seen.reasons[0].text.as_str()),
        (State::Down, "this node was told to be down")
    );

    let expired = captured(include_str!(
        "../../../../../tests/fixtures/localapi/35-key-expired.json"
    ));
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
