use serde_json::{Value, json};

use super::*;

/// 2026-11-20T10:15:30Z.
const NOW: u64 = 1_795_169_730_000;

fn report(changes: &Value) -> Report {
    let mut report = json!({
        "at": NOW, "since": NOW - 100_000, "host": "alpha", "mode": "act", "checkInterval": "30s",
        "subjects": [{
            "subject": "tunnel", "phase": "home", "since": NOW - 100_000, "standing": {"tunnel": true},
        }],
    });
    for (key, value) in changes.as_object().unwrap() {
        report[key] = value.clone();
    }
    serde_json::from_value(report).unwrap()
}

/// One exit node in that phase, by whose choice, and how it is doing.
fn in_phase(phase: &str, level: &str, chosen: Option<&str>) -> Report {
    let standing = json!({"exit-node": {"node": "spare"}});
    report(&json!({"subjects": [{
        "subject": "exit-node", "phase": phase, "since": NOW, "standing": standing, "refused": null,
        "wanted": {"exit-node": {"node": "gate"}},
        "chosen": chosen.map(|by| json!({"by": by, "was": {"exit-node": {"node": "gate"}}, "until": null})),
        "settings": [{"setting": standing, "level": level}],
    }]}))
}

fn failed(layer: &Value) -> Report {
    report(&json!({"diagnosis": {"failures": [{"layer": layer, "followsFrom": null}], "notices": []}}))
}

fn layers() -> Vec<Value> {
    let faults = DaemonFault::ALL.map(|fault| json!({"tailscaled": fault.kind()}));
    let mut layers = vec![
        json!("link"),
        json!("gateway"),
        json!("internet"),
        json!("dns"),
        json!("control"),
        json!("derp"),
        json!({"peer": "gate"}),
        json!({"exit-node": "gate"}),
        json!({"subnet-router": "10.0.0.0/8"}),
        json!({"service": "db"}),
    ];
    layers.extend(faults);
    layers
}

/// Everything that can be wrong, one at a time.
fn all() -> Vec<Report> {
    let mut reports: Vec<Report> = layers().iter().map(failed).collect();
    for phase in Phase::ALL {
        for level in ["good", "unknown", "degraded", "down"] {
            for chosen in [None, Some("operator"), Some("hand")] {
                reports.push(in_phase(phase.name(), level, chosen));
            }
        }
    }
    let mut refused = in_phase("home", "good", None);
    refused.subjects[0].refused = Some("permission".to_owned());
    reports.push(refused);
    reports.extend(
        [
            json!({"alarms": ["state-unwritable"]}),
            json!({"pause": {}}),
            json!({"maintenanceUntil": NOW + 60_000}),
            json!({"mode": "dry-run"}),
            json!({"mode": "report"}),
            json!({"subjects": []}),
            json!({"diagnosis": {"failures": [], "notices": [{"key-expires": NOW + 259_200_000}]}}),
        ]
        .iter()
        .map(report),
    );
    reports
}

#[test]
fn what_is_not_good_has_a_command_and_what_needs_root_says_so() {
    for report in all() {
        let reasons = reasons(&report);
        for reason in reasons {
            let command = reason.command.as_deref().unwrap_or_default();
            assert!(reason.state == State::Good || !command.is_empty(), "{reason:?}");
            for needs_root in [
                "tsctl failover resume",
                "tsctl failover restore",
                "tsctl why",
                "tsctl auth --login",
            ] {
                assert!(!command.starts_with(needs_root), "{reason:?}");
            }
        }
    }
}

#[test]
fn each_phase_is_judged_once() {
    let judged = |phase: &str, level: &str, chosen: Option<&str>| -> Vec<State> {
        reasons(&in_phase(phase, level, chosen))
            .iter()
            .map(|reason| reason.state)
            .collect()
    };
    for (phase, level, chosen, states) in [
        ("home", "good", None, &[][..]),
        ("waiting", "degraded", None, &[State::Degraded]),
        ("waiting", "down", None, &[State::Down]),
        ("moving", "down", None, &[State::Degraded]),
        ("trial", "unknown", None, &[State::Degraded]),
        ("away", "good", None, &[State::Degraded]),
        ("away", "down", None, &[State::Down]),
        ("stuck", "degraded", None, &[State::Degraded]),
        ("stuck", "down", None, &[State::Down]),
        ("overridden", "good", Some("operator"), &[State::Good]),
        ("overridden", "down", Some("operator"), &[State::Down]),
        ("overridden", "good", Some("hand"), &[State::Degraded]),
    ] {
        assert_eq!(judged(phase, level, chosen), states, "{phase}, {level}, {chosen:?}");
    }
}

#[test]
fn what_tailscaled_says_of_itself_is_left_to_those_who_ask_it() {
    for report in all() {
        let (all, besides) = (reasons(&report), reasons_besides_tailscaled(&report));
        let is_own = !report.diagnosis.notices.is_empty()
            || report
                .diagnosis
                .failures
                .iter()
                .any(|failure| matches!(failure.layer, Layer::Daemon(_) | Layer::Control));
        assert_eq!(besides, if is_own { Vec::new() } else { all });
    }
}

#[test]
fn a_tunnel_that_the_monitor_took_down_is_told_once() {
    let stopped = |chosen: Value| {
        let report = report(&json!({
            "diagnosis": {"failures": [{"layer": {"tailscaled": "stopped"}, "followsFrom": null}], "notices": []},
            "subjects": [{
                "subject": "tunnel", "phase": "away", "since": NOW, "standing": {"tunnel": false},
                "wanted": {"tunnel": true}, "chosen": chosen,
            }],
        }));
        let texts: Vec<String> = reasons(&report).into_iter().map(|reason| reason.text).collect();
        texts.iter().any(|text| text == "tailscaled is stopped")
    };
    assert!(!stopped(Value::Null));
    assert!(stopped(json!({"by": "hand", "was": {"tunnel": true}, "until": null})));
}

#[test]
fn a_key_that_ends_soon_is_told_with_what_renews_it() {
    let report = report(&json!({"diagnosis": {"failures": [], "notices": [{"key-expires": NOW + 259_200_000}]}}));
    let told = reasons(&report);
    assert_eq!(told[0].text, "the key of this node expires in 3 days (2026-11-23)");
    assert_eq!(told[0].command.as_deref(), Some("sudo tsctl auth --login"));
}
