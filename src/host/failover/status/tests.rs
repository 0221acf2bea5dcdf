use std::collections::BTreeSet;

use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::monitor::control::Unreached;
use crate::host::show::{State, drawn, golden, long_name};
use crate::monitor::Moment;

/// 2026-11-20T10:15:30Z.
const NOW: u64 = 1_795_169_730_000;

/// A report of a host whose exit node gate has failed, as it travels.
fn away() -> Report {
    let ago = |seconds: u64| NOW - 1_000 * seconds;
    serde_json::from_value(serde_json::json!({
        "at": NOW, "since": ago(86_400 * 3), "host": "kernelcore", "mode": "act", "checkInterval": "30s",
        "subjects": [
            {
                "subject": "exit-node", "phase": "away", "standing": {"exit-node": {"node": "spare"}}, "since": ago(720),
                "wanted": {"exit-node": {"node": "gate"}}, "next": {"exit-node": {"node": "gate"}},
                "obstacle": {"return-after": NOW + 240_000},
                "settings": [
                    {"setting": {"exit-node": {"node": "gate"}}, "level": "good", "since": ago(60), "heldUntil": NOW + 30_000},
                    {"setting": {"exit-node": {"node": "spare"}}, "level": "good", "since": ago(7_200)},
                    {"setting": {"exit-node": "off"}, "level": "unknown"},
                ],
            },
            {
                "subject": {"service": "db"}, "phase": "stuck", "standing": {"tailnet-address": "db"}, "since": ago(9_000),
                "wanted": {"tailnet-address": "db"}, "obstacle": {"nothing-better": null},
                "settings": [
                    {"setting": {"tailnet-address": "db"}, "level": "down", "since": ago(300), "badInARow": 12,
                     "fault": {"answered": "Connection refused"}},
                    {"setting": {"lan-address": "db"}, "level": "down", "since": ago(300), "badInARow": 12,
                     "fault": {"no-answer": {"waited": 5_000}}},
                ],
            },
        ],
        "diagnosis": {"failures": [{"layer": {"service": "db"}, "followsFrom": null}], "notices": []},
        "readings": [
            {"target": "exit node spare", "kind": "ping", "path": "direct", "verdict": "good", "at": NOW,
             "statistics": {"sent": 20, "lost": 1, "min": 11_200, "p50": 12_340, "p95": 18_000, "max": 18_100, "jitter": 700}},
            {"target": "exit node gate", "kind": "ping", "path": {"derp": "fra"}, "verdict": {"degraded": {"latency":
             {"millis": 210, "limit": 200}}}, "at": NOW,
             "statistics": {"sent": 20, "lost": 0, "min": 190_000, "p50": 210_000, "p95": 250_000, "max": 250_000, "jitter": 9_000}},
            {"target": "internet", "kind": "internet", "statistics":
             {"sent": 0, "lost": 0, "min": null, "p50": null, "p95": null, "max": null, "jitter": null}},
        ],
        "lastMove": ago(720), "counts": {"moves": 3, "movesFailed": 1},
    }))
    .expect("a report")
}

/// All is well, and nobody has anything to do.
fn home() -> Report {
    let mut report = away();
    report.subjects.truncate(1);
    let exit_node = &mut report.subjects[0];
    exit_node.phase = crate::monitor::failover::Phase::Home;
    exit_node.standing = exit_node.wanted.clone().expect("it is wanted");
    (exit_node.next, exit_node.obstacle) = (None, None);
    exit_node.settings[0].held_until = None;
    report.diagnosis.failures.clear();
    report
}

/// A report like that of a host where all is well, with these parts of the exit node, and of the whole, instead.
fn like_home(about: &serde_json::Value, whole: &serde_json::Value) -> Report {
    let mut report = serde_json::to_value(home()).expect("a report travels");
    for (into, from) in [("/subjects/0", about), ("", whole)] {
        let into = report.pointer_mut(into).expect("it is there");
        for (name, value) in from.as_object().expect("an object") {
            into[name] = value.clone();
        }
    }
    serde_json::from_value(report).expect("a report")
}

/// Each state, by the name of its files.
fn states() -> Vec<(&'static str, FailoverSeen, State)> {
    let none = serde_json::json!({});
    let gate = |level: &str, more: &serde_json::Value| {
        let mut gate =
            serde_json::json!({"setting": {"exit-node": {"node": "gate"}}, "level": level, "since": NOW - 60_000});
        for (name, value) in more.as_object().expect("an object") {
            gate[name] = value.clone();
        }
        let spare =
            serde_json::json!({"setting": {"exit-node": {"node": "spare"}}, "level": "good", "since": NOW - 7_200_000});
        serde_json::json!([gate, spare])
    };
    let silent = serde_json::json!({"fault": {"no-answer": {"waited": 5_000}}});
    let chosen = |by: &str, until: Option<u64>| {
        serde_json::json!({
            "phase": "overridden", "standing": {"exit-node": {"node": "spare"}},
            "chosen": {"by": by, "was": {"exit-node": {"node": "gate"}}, "until": until},
        })
    };
    let of = |about: &serde_json::Value, whole: &serde_json::Value| shown(&like_home(about, whole));
    let long = long_name();
    let waiting = serde_json::json!({
        "phase": "waiting", "next": {"exit-node": {"node": "spare"}}, "obstacle": {"window": NOW + 600_000},
        "settings": gate("down", &silent),
    });
    let moving = serde_json::json!({"phase": "moving", "next": {"exit-node": {"node": "spare"}}});
    let trial = serde_json::json!({"phase": "trial", "standing": {"exit-node": {"node": "spare"}}});
    let stuck =
        serde_json::json!({"phase": "stuck", "obstacle": {"nothing-better": null}, "settings": gate("down", &silent)});
    vec![
        ("home", shown(&home()), State::Good),
        ("waiting", of(&waiting, &none), State::Down),
        ("moving", of(&moving, &none), State::Degraded),
        ("trial", of(&trial, &none), State::Degraded),
        ("away", shown(&away()), State::Down),
        ("stuck", of(&stuck, &none), State::Down),
        (
            "operator",
            of(&chosen("operator", Some(NOW + 3_600_000)), &none),
            State::Good,
        ),
        ("hand", of(&chosen("hand", None), &none), State::Degraded),
        (
            "paused",
            of(&none, &serde_json::json!({"pause": {"until": NOW + 5_400_000}})),
            State::Degraded,
        ),
        (
            "maintenance",
            of(&none, &serde_json::json!({"maintenanceUntil": NOW + 1_800_000})),
            State::Good,
        ),
        (
            "dry-run",
            of(&none, &serde_json::json!({"mode": "dry-run"})),
            State::Good,
        ),
        (
            "reports",
            of(&none, &serde_json::json!({"mode": "report"})),
            State::Good,
        ),
        (
            "long-names",
            of(
                &serde_json::json!({
                    "standing": {"exit-node": {"node": long}}, "phase": "away", "refused": long.repeat(3),
                    "settings": [{"setting": {"exit-node": {"node": long}}, "level": "degraded", "since": NOW - 60_000}],
                }),
                &serde_json::json!({"host": long}),
            ),
            State::Degraded,
        ),
        (
            "gone",
            judge::unreached(&Unreached::Away, WallTime::from_unix(NOW / 1_000)),
            State::Degraded,
        ),
        (
            "silent",
            judge::unreached(
                &Unreached::Silent("nothing within 3 s".to_owned()),
                WallTime::from_unix(NOW / 1_000),
            ),
            State::CannotTell,
        ),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("failover/status", name, &seen);
    }
}

#[test]
fn what_somebody_chose_is_shown_with_what_ends_it() {
    let mut report = home();
    let until = Moment::from_millis(NOW + 3_600_000);
    let choose = |report: &mut Report, by: &str| {
        report.subjects[0].phase = crate::monitor::failover::Phase::Overridden;
        report.subjects[0].chosen = serde_json::from_value(serde_json::json!({
            "by": by, "was": {"exit-node": {"node": "gate"}}, "until": until,
        }))
        .expect("a choice");
    };
    choose(&mut report, "operator");
    let seen = shown(&report);
    assert_eq!(seen.state, State::Good, "that is as he wants it");
    let text = drawn(&seen, 80);
    assert!(
        text.contains("chosen by the operator, and is left so for 1 h more") || text.contains("for 60 min"),
        "{text}"
    );
    assert!(text.contains("sudo tsctl failover resume"), "{text}");
    choose(&mut report, "hand");
    assert_eq!(shown(&report).state, State::Degraded);
}

#[test]
fn a_pause_a_layer_and_an_unwritable_state_are_told() {
    let mut report = home();
    report.pause = Some(crate::monitor::failover::Pause { until: None });
    let text = drawn(&shown(&report), 80);
    assert!(
        text.contains("moves are paused: nothing fails over\n") && text.contains("sudo tsctl failover resume"),
        "{text}"
    );
    report.alarms = BTreeSet::from([crate::monitor::failover::Alarm::StateUnwritable]);
    report.diagnosis = serde_json::from_value(serde_json::json!({
        "failures": [
            {"layer": "internet", "followsFrom": null},
            {"layer": {"exit-node": "gate"}, "followsFrom": "internet"},
        ],
        "notices": [],
    }))
    .expect("a diagnosis");
    let seen = shown(&report);
    assert_eq!(seen.state, State::Down);
    let text = drawn(&seen, 80);
    assert!(
        text.contains("the internet is not reached") && text.contains("df -h"),
        "{text}"
    );
    assert!(!text.contains("the exit node gate does"), "it only follows: {text}");
}

#[test]
fn a_tailscaled_that_was_never_heard_is_known_to_be_down() {
    let mut report = home();
    report.subjects.clear();
    report.diagnosis = serde_json::from_value(serde_json::json!({
        "failures": [{"layer": {"daemon": "not-running"}, "followsFrom": null}], "notices": [],
    }))
    .expect("a diagnosis");
    let seen = shown(&report);
    assert_eq!(seen.state, State::Down);
    assert_eq!(seen.reasons.first().map(|reason| reason.state), Some(State::Down));
}

#[test]
fn a_name_cannot_act_on_the_terminal() {
    let mut report = away();
    report.readings[0].target = "a\u{1b}[2Jb".to_owned();
    assert!(!drawn(&shown(&report), 80).contains('\u{1b}'));
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<FailoverSeen>("failover-status.json");
}
