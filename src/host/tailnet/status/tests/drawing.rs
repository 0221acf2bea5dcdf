//! What is drawn of a node that is neither good nor bad.

use super::super::NodeStatus;
use super::world::{every_path, facts, judged, peer, prefs, running, usual};
use crate::host::show::drawn;

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
    crate::host::show::published::<NodeStatus>("ts-status.json");
}
