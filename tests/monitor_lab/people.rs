//! People win.

use tailwright::monitor::Level;
use tailwright::monitor::decision::What;
use tailwright::monitor::failover::{Alarm, Chosen, Obstacle, Phase, Subject};

use super::scenario::{MANY, THREE, assert_moves, level, node, obstacle, play, with};
use crate::support::tailnet::{Lab, Monitor, until};

#[test]
fn people() {
    play(&[
        ("what somebody sets by hand stays", by_hand),
        ("a pause is a pause", pause),
        ("what the operator switches to stays, until he lets go", switch),
        ("what the operator restores is restored, whatever its health", restore),
        ("what is not listed is not put in force", not_listed),
    ]);
}

fn started(lab: &Lab) -> Monitor {
    let mut monitor = Monitor::start(lab, &with(&[THREE], &[]));
    monitor.ready();
    monitor.until_well();
    monitor
}

/// Somebody sets third. It fails, and nothing is done; he resumes, and it is left.
fn by_hand(lab: &mut Lab) {
    let mut monitor = started(lab);
    lab.choose("third");
    monitor.until_phase(Phase::Overridden);
    monitor.until_told(&Alarm::ChangedByHand(Subject::ExitNode));
    lab.faults().kill("third");
    monitor.until_levels(&[("third", Level::Down)]);
    monitor.until("somebody chose it", |report| {
        matches!(obstacle(report), Some(Obstacle::Chosen(None))).then_some(())
    });
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &[]);
    assert_eq!(lab.exit_node().as_deref(), Some("third"));
    let by_hand = monitor
        .decisions()
        .into_iter()
        .any(|decision| matches!(decision.what, What::Chosen { by: Chosen::Hand, to, .. } if to == node("third")));
    assert!(by_hand, "{:#?}", monitor.why());
    monitor.failover(&["resume"]).expect("the operator may");
    until("third is left", || {
        (lab.exit_node().as_deref() != Some("third")).then_some(())
    });
    monitor.until_phase(Phase::Home);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}

fn pause(lab: &mut Lab) {
    let mut monitor = started(lab);
    monitor.failover(&["pause"]).expect("the operator may");
    lab.faults().kill("gate");
    monitor.until("it is paused", |report| {
        (level(report, &node("gate")) == Level::Down && obstacle(report) == Some(Obstacle::Paused(None))).then_some(())
    });
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &[]);
    // It outlives the program.
    monitor.kill();
    monitor.start_in(&lab.topology.client);
    monitor.until("it is paused still", |report| {
        (level(report, &node("gate")) == Level::Down && obstacle(report) == Some(Obstacle::Paused(None))).then_some(())
    });
    assert_moves(lab, &monitor, &[]);
    monitor.failover(&["resume"]).expect("the operator may");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    // A pause that ends by itself.
    monitor.failover(&["pause", "--for", "3s"]).expect("the operator may");
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    let decisions = monitor.decisions();
    let at = |is_it: &dyn Fn(&What) -> bool| decisions.iter().rev().find(|one| is_it(&one.what)).expect("it was").at;
    let resumed = at(&|what| matches!(what, What::Resumed));
    let returned = at(&|what| matches!(what, What::Move { .. }));
    assert!(returned >= resumed, "not before the pause was over");
}

fn switch(lab: &mut Lab) {
    let mut monitor = started(lab);
    let said = monitor.failover(&["switch", "third"]).expect("the operator may");
    assert!(said.contains("third"), "{said}");
    until("third is in force", || {
        (lab.exit_node().as_deref() == Some("third")).then_some(())
    });
    monitor.until_phase(Phase::Overridden);
    lab.faults().kill("third");
    monitor.until_levels(&[("third", Level::Down)]);
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &["third"]);
    monitor.failover(&["resume"]).expect("the operator may");
    monitor.until_phase(Phase::Home);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    // For a time.
    monitor
        .failover(&["switch", "spare", "--for", "2s"])
        .expect("the operator may");
    until("spare is in force", || {
        (lab.exit_node().as_deref() == Some("spare")).then_some(())
    });
    monitor.until_phase(Phase::Home);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}

fn restore(lab: &mut Lab) {
    let settings = with(&[], &[("holdDown", "\"30s\""), ("maxHoldDown", "\"1m\"")]);
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    monitor.failover(&["restore"]).expect("the operator may");
    until("gate is in force, dead as it is", || {
        (lab.moved_to() == ["spare", "gate"]).then_some(())
    });
    // Nobody chose it: it is left again.
    until("it is left again", || (lab.moved_to().len() == 3).then_some(()));
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare", "gate", "spare"]);
}

fn not_listed(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_levels(&[("gate", Level::Good), ("spare", Level::Good)]);
    for wanted in ["third", "desk", "none", "tunnel-down", "nonsense"] {
        let said = monitor.failover(&["switch", wanted]).expect_err("it is not listed");
        assert!(!said.is_empty(), "{wanted}");
    }
    monitor.measure(MANY);
    assert_eq!(lab.patches(), []);
    assert_moves(lab, &monitor, &[]);
}
