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
fn a_monitor_that_cannot_be_asked_is_told_by_why() {
    let states = |asked: &Result<Report, Unreached>| -> Vec<State> {
        reasons(asked).iter().map(|reason| reason.state).collect()
    };
    assert_eq!(states(&Ok(report("home", &json!({})))), []);
    assert_eq!(states(&Ok(report("away", &json!({})))), [State::Degraded]);
    assert_eq!(states(&Err(Unreached::Away)), [State::Degraded]);
    assert_eq!(states(&Err(Unreached::Denied("no".to_owned()))), [State::Good]);
    let silent = Err(Unreached::Silent("nothing within 0.5 s".to_owned()));
    assert_eq!(states(&silent), [State::CannotTell]);
    let command = reasons(&silent).pop().and_then(|reason| reason.command);
    assert_eq!(command.as_deref(), Some("journalctl -u tailwright-monitor -n 50"));
}

#[test]
fn a_host_without_a_monitor_has_nothing_to_show() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let nowhere = Path::new("/no/such/directory");
    assert!(runtime.block_on(ask(nowhere, &nowhere.join("tsctl.json"))).is_none());
    let settings = tempfile::NamedTempFile::new().unwrap();
    let asked = runtime.block_on(ask(nowhere, settings.path()));
    assert!(matches!(asked, Some(Err(Unreached::Away))), "{asked:?}");
}
