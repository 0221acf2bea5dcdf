use serde_json::json;

use super::*;

fn report(phase: &str, more: &serde_json::Value) -> Report {
    let mut report = json!({
        "at": 1_800_000_000_000_u64, "since": 1_799_999_000_000_u64, "host": "alpha", "mode": "act", "checkInterval": "30s",
        "subjects": [
            {
                "subject": "exit-node", "phase": phase, "since": 1_799_999_500_000_u64,
                "standing": {"exit-node": "off"},
            },
            {"subject": "tunnel", "phase": "home", "since": 1_799_999_500_000_u64, "standing": {"tunnel": true}},
        ],
    });
    for (key, value) in more.as_object().unwrap() {
        report[key] = value.clone();
    }
    serde_json::from_value(report).unwrap()
}

#[test]
fn one_line_says_where_it_stands() {
    let line = |report: Report| seen(&Ok(report)).line();
    assert_eq!(line(report("home", &json!({}))), "no exit node (home)");
    assert_eq!(
        line(report("stuck", &json!({"mode": "report", "pause": {}}))),
        "no exit node (stuck), only reports, paused"
    );
    assert_eq!(line(report("home", &json!({"subjects": []}))), "as wanted");
    assert_eq!(seen(&Err(Unreached::Away)).line(), "the monitor does not run");
}

#[test]
fn what_somebody_should_look_at_is_a_reason() {
    let states = |asked: &Result<Report, Unreached>| -> Vec<State> {
        reasons(asked).iter().map(|reason| reason.state).collect()
    };
    for phase in ["home", "moving", "trial"] {
        assert_eq!(states(&Ok(report(phase, &json!({})))), [], "{phase}");
    }
    for phase in ["waiting", "away", "stuck", "overridden"] {
        assert_eq!(states(&Ok(report(phase, &json!({})))), [State::Degraded], "{phase}");
    }
    let mut dead = report("stuck", &json!({}));
    dead.subjects[0].settings =
        serde_json::from_value(json!([{"setting": {"exit-node": "off"}, "level": "down"}])).unwrap();
    assert_eq!(states(&Ok(dead)), [State::Down]);
    assert_eq!(states(&Ok(report("home", &json!({"pause": {}})))), [State::Good]);
    assert_eq!(states(&Err(Unreached::Away)), [State::Degraded]);
    assert_eq!(states(&Err(Unreached::Denied("no".to_owned()))), [State::Good]);
}

#[test]
fn a_host_without_a_monitor_has_nothing_to_show() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // No test machine has settings in /etc.
    if !std::path::Path::new(CONFIG).exists() {
        assert!(runtime.block_on(ask(Path::new("/no/such/directory"))).is_none());
    }
}
