//! Ends and beginnings: stopped, restarted, killed, upgraded, and settings that change meanwhile.

use tailwright::monitor::Level;
use tailwright::monitor::decision::What;
use tailwright::monitor::failover::{Phase, State};

use super::scenario::{MANY, SECOND, assert_moves, node, play, with};
use crate::support::tailnet::{Ending, Lab, Monitor, until};

#[test]
fn endings() {
    play(&[
        ("a stop puts back what was found", stop),
        ("a restart leaves it, and goes on", restart),
        ("killed while away, it goes on", killed),
        ("killed in the middle of a move, it finds out", killed_while_moving),
        ("a state of an older version is read", older),
        ("a state of a newer version is kept aside", newer),
        ("a damaged state is begun anew", damaged),
        ("a clock that was set back does no harm", clock),
        ("what is no longer listed is left", fewer_nodes),
        ("it may start before tailscaled", early),
    ]);
}

fn started(lab: &Lab) -> Monitor {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    monitor
}

/// A monitor that has left gate, which is gone.
fn away(lab: &Lab) -> Monitor {
    let mut monitor = started(lab);
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    monitor
}

fn stop(lab: &mut Lab) {
    let mut monitor = away(lab);
    let took = monitor.end(Ending::Stop);
    assert_eq!(lab.moved_to(), ["spare", "gate"], "dead or not: as it was found");
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    assert!(took < 10 * SECOND, "{took:?}");
    assert!(!monitor.path("run/control.sock").exists());
    // Without anything to put back it ends at once.
    lab.faults().revive("gate");
    monitor.start_in(&lab.topology.client);
    monitor.until_well();
    monitor.end(Ending::Stop);
    assert_eq!(lab.moved_to().len(), 2);
}

fn restart(lab: &mut Lab) {
    let mut monitor = away(lab);
    monitor.end(Ending::Restart);
    assert_eq!(lab.exit_node().as_deref(), Some("spare"), "left in place");
    monitor.start_in(&lab.topology.client);
    monitor.until_phase(Phase::Away);
    monitor.measure(MANY);
    assert_eq!(lab.moved_to(), ["spare"], "it is its own choice, and good");
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}

fn killed(lab: &mut Lab) {
    let mut monitor = away(lab);
    monitor.kill();
    monitor.start_in(&lab.topology.client);
    monitor.until_phase(Phase::Away);
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}

/// tailscaled makes the change and says nothing; the monitor is killed while it waits for the answer.
fn killed_while_moving(lab: &mut Lab) {
    let mut monitor = started(lab);
    for is_made in [true, false] {
        lab.tailscaled.now("answer 1 times PATCH prefs silent");
        let asked = lab.moves().len();
        lab.faults().kill("gate");
        until("it has asked", || (lab.moves().len() > asked).then_some(()));
        monitor.kill();
        if is_made {
            // It was made after all: not somebody's choice.
            lab.choose("spare");
        }
        monitor.start_in(&lab.topology.client);
        monitor.until_phase(Phase::Away);
        assert_eq!(lab.exit_node().as_deref(), Some("spare"));
        let taken_up = monitor
            .decisions()
            .into_iter()
            .any(|one| matches!(one.what, What::TakenUp { .. }));
        assert!(taken_up, "{:#?}", monitor.why());
        lab.faults().revive("gate");
        monitor.until_phase(Phase::Home);
        monitor.until_well();
    }
}

/// A state as version 1 began: only what every version has.
const OLDER: &str = r#"{
  "version": 1,
  "tracks": [{
    "subject": "exit-node",
    "standing": {"exit-node": {"node": "spare"}},
    "since": 1000,
    "found": {"exit-node": {"node": "gate"}}
  }]
}"#;

/// A monitor that finds this state, on a host whose exit node is spare.
fn with_state(lab: &Lab, text: &str) -> Monitor {
    lab.choose("spare");
    let mut monitor = Monitor::new(lab.tailscaled.socket(), &with(&[], &[]));
    std::fs::create_dir(monitor.path("state")).expect("a fresh directory");
    std::fs::write(monitor.path("state/state.json"), text).expect("a file");
    monitor.start_in(&lab.topology.client);
    monitor.ready();
    monitor
}

/// spare is the monitor's own choice, so it is returned from, and gate was found.
fn older(lab: &mut Lab) {
    assert!(State::read(OLDER).is_ok(), "{:?}", State::read(OLDER));
    let mut monitor = with_state(lab, OLDER);
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["gate"]);
    let state = std::fs::read_to_string(monitor.path("state/state.json")).expect("a state");
    assert!(State::read(&state).is_ok());
}

fn newer(lab: &mut Lab) {
    let text = "{\"version\": 99, \"whatever\": [1, 2]}";
    let mut monitor = with_state(lab, text);
    monitor.until_phase(Phase::Home);
    let aside = std::fs::read_to_string(monitor.path("state/state.json.newer")).expect("it is kept");
    assert_eq!(aside, text);
    assert_moves(lab, &monitor, &["gate"]);
}

fn damaged(lab: &mut Lab) {
    let mut monitor = with_state(lab, &OLDER[..OLDER.len() / 2]);
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["gate"]);
    assert!(monitor.log().contains("state"), "{}", monitor.log());
}

/// The state was written by a clock that was a day ahead.
fn clock(lab: &mut Lab) {
    let mut monitor = away(lab);
    monitor.failover(&["pause", "--for", "4s"]).expect("the operator may");
    monitor.kill();
    let path = monitor.path("state/state.json");
    let text = std::fs::read_to_string(&path).expect("a state");
    let mut state: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    ahead(&mut state);
    std::fs::write(&path, state.to_string()).expect("it is ours");
    lab.faults().revive("gate");
    monitor.start_in(&lab.topology.client);
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}

/// Moves every moment in a state a day ahead.
fn ahead(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|number| number > 1_000_000_000_000) => {
            *value = (number.as_u64().unwrap_or_default() + 86_400_000).into();
        }
        Value::Array(all) => all.iter_mut().for_each(ahead),
        Value::Object(all) => all.values_mut().for_each(ahead),
        _ => {}
    }
}

/// The settings no longer name spare, while it is in force.
fn fewer_nodes(lab: &mut Lab) {
    let mut monitor = away(lab);
    let fewer = with(&[("exitNodes", "[ \"gate\" \"third\" ]")], &[]);
    monitor.configure(&fewer);
    monitor.reload();
    until("spare is left", || {
        (lab.exit_node().as_deref() != Some("spare")).then_some(())
    });
    monitor.until_levels(&[("third", Level::Good)]);
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    let last = monitor.moves().pop().expect("it has moved");
    assert_eq!(last.1, node("gate"));
    // Settings that are not good change nothing.
    std::fs::write(monitor.path("tsctl.json"), "{\"version\": 1, \"nonsense\": true}").expect("it is ours");
    monitor.reload();
    until("it says so", || {
        monitor.log().contains("stay as they were").then_some(())
    });
    monitor.alive();
    monitor.until_phase(Phase::Home);
}

fn early(lab: &mut Lab) {
    lab.tailscaled.now("stop");
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    lab.tailscaled.now("start");
    monitor.until_well();
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &[]);
}
