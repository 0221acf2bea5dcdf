//! Moves: away from what does not work, and back.

use std::time::{Duration, Instant};

use tailwright::monitor::decision::Why;
use tailwright::monitor::failover::{Alarm, Phase, Subject};
use tailwright::monitor::{Level, Verdict};

use super::scenario::{MANY, OFF, SECOND, THREE, assert_moves, assert_only, level, node, play, with};
use crate::support::tailnet::{GATE, Lab, Monitor, SPARE, until};

#[test]
fn moves() {
    play(&[
        ("a node that is gone is left and returned to", gone),
        ("a node that forwards nothing is left, and found out again", deaf),
        ("a node that forwards DNS alone is left", half_deaf),
        (
            "a node that answers pings and loses what it forwards is left",
            lossy_behind,
        ),
        ("a node that loses answers is left", lossy),
        ("a node that decays is left when it is too slow", decaying),
        ("a node whose line is full is left until it is free", full),
        ("a move that made things worse is undone", worse),
        ("nodes are tried in their order", in_order),
    ]);
}

/// gate is gone: spare. It is back: gate.
fn gone(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    let killed = Instant::now();
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    let (moved, _) = lab.moves()[0];
    // Three checks of 400 ms, of which the first may have been under way.
    assert!(moved > killed + Duration::from_millis(500), "{:?}", moved - killed);
    assert!(moved < killed + 15 * SECOND, "{:?}", moved - killed);
    assert!(
        matches!(&monitor.moves()[0], (from, _, Why::Failing { level: Level::Down, bad: 3.., .. }) if *from == node("gate"))
    );
    assert_eq!(lab.visit(), Ok(SPARE.outside), "traffic goes by spare");
    monitor.until_told(&Alarm::Away(Subject::ExitNode));

    let revived = Instant::now();
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    monitor.until_well();
    assert_moves(lab, &monitor, &["spare", "gate"]);
    let (returned, _) = lab.moves()[1];
    // It has to have been good for a second after it has recovered by three checks.
    assert!(returned > revived + SECOND, "{:?}", returned - revived);
    assert!(matches!(monitor.moves()[1].2, Why::Better { .. }));
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    assert_only(lab, &["ExitNodeID", "ExitNodeIP", "AutoExitNode"]);
}

/// gate answers pings and forwards nothing: it is left, found out when it is tried again, and held down for longer each time.
fn deaf(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    lab.faults().forward_nothing("gate");
    until("it is tried again twice", || (lab.moves().len() >= 5).then_some(()));
    let moves = lab.moves();
    let names: Vec<&str> = moves.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names[..5], ["spare", "gate", "spare", "gate", "spare"]);
    let away = |index: usize| moves[index + 1].0 - moves[index].0;
    // Held down for 1 s, then for 2 s, measured from the leaving.
    assert!(
        away(0) >= SECOND && away(2) >= 2 * SECOND,
        "{:?}, {:?}",
        away(0),
        away(2)
    );
    lab.faults().forward("gate");
    monitor.until("it is returned to for good", |_| {
        (lab.exit_node().as_deref() == Some("gate")).then_some(())
    });
    let moves = lab.moves().len();
    monitor.until_phase(Phase::Home);
    monitor.measure(MANY);
    assert_eq!(lab.moves().len(), moves, "it stays");
}

/// gate answers pings and passes UDP to DNS servers, as one does that answers or caches names itself.
fn half_deaf(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[("autoReturn", "false")]));
    monitor.ready();
    monitor.until_well();
    lab.faults().forward_dns_alone("gate");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    assert_eq!(lab.visit(), Ok(SPARE.outside), "traffic goes by spare");
}

/// What is sent to gate and back arrives; of what it forwards, much is lost.
fn lossy_behind(lab: &mut Lab) {
    let settings = with(
        &[("maxPacketLoss", "25")],
        &[("failureShare", "{ count = 6; of = 12; }"), ("autoReturn", "false")],
    );
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    lab.faults().forward_badly("gate", 50);
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    lab.faults().forward("gate");
}

/// Of what gate sends, most is lost; what is sent to it arrives.
fn lossy(lab: &mut Lab) {
    let settings = with(
        &[("maxPacketLoss", "30")],
        &[("failureShare", "{ count = 6; of = 12; }"), ("autoReturn", "false")],
    );
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    lab.faults().lose("gate", 0, 80);
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    lab.faults().lose_nothing("gate");
    monitor.until_levels(&[("gate", Level::Good)]);
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &["spare"]);
    monitor.failover(&["restore"]).expect("the operator may");
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}

/// gate becomes slower and slower.
fn decaying(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[("maxLatency", "120")], &[]));
    monitor.ready();
    monitor.until_well();
    for millis in [20, 40, 60] {
        lab.delay(
            "gate",
            Duration::from_millis(millis / 2),
            Duration::from_millis(millis / 2),
        );
        monitor.measure(MANY);
        assert_moves(lab, &monitor, &[]);
    }
    lab.delay("gate", Duration::from_millis(90), Duration::from_millis(90));
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    let (_, _, why) = &monitor.moves()[0];
    assert!(
        matches!(
            why,
            Why::Failing {
                level: Level::Degraded,
                ..
            }
        ),
        "{why}"
    );
    lab.delay("gate", Duration::ZERO, Duration::ZERO);
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}

/// The line of gate is narrow, which is no reason to leave it. Then others fill it: what gate sends waits behind theirs, or is
/// lost.
fn full(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[("maxLatency", "120")], &[]));
    monitor.ready();
    monitor.until_well();
    lab.faults().narrow("gate", 256, 300);
    monitor.measure(2 * MANY);
    assert_moves(lab, &monitor, &[]);
    let load = lab.faults().load("gate");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
    assert!(matches!(monitor.moves()[0].2, Why::Failing { .. }));
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &["spare"]);
    drop(load);
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
    lab.faults().widen("gate");
}

/// gate is slow, and spare, which answers pings, carries nothing.
fn worse(lab: &mut Lab) {
    let settings = with(
        &[("maxLatency", "100")],
        &[("holdDown", "\"30s\""), ("maxHoldDown", "\"1m\"")],
    );
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_levels(&[("gate", Level::Good), ("spare", Level::Good)]);
    lab.faults().forward_nothing("spare");
    lab.delay("gate", Duration::from_millis(80), Duration::from_millis(80));
    until("the move is undone", || {
        (lab.moved_to() == ["spare", "gate"]).then_some(())
    });
    monitor.until("gate is in force", |report| {
        (report
            .subjects
            .iter()
            .any(|one| one.standing == node("gate") && one.phase != Phase::Moving))
        .then_some(())
    });
    let (_, _, why) = &monitor.moves()[1];
    assert!(
        matches!(
            why,
            Why::Worse {
                level: Level::Down,
                left: Level::Degraded
            }
        ),
        "{why}"
    );
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &["spare", "gate"]);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}

/// gate, then spare, are gone: third. Both come back: gate.
fn in_order(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[THREE], &[]));
    monitor.ready();
    monitor.until_well();
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    lab.faults().kill("spare");
    until("third is asked for", || {
        lab.moved_to().last().is_some_and(|name| name == "third").then_some(())
    });
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare", "third"]);
    let gap = lab.moves()[1].0 - lab.moves()[0].0;
    assert!(
        gap >= Duration::from_millis(450),
        "one move in a window of 500 ms: {gap:?}"
    );
    lab.faults().revive("spare");
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    let last = lab.moved_to();
    assert_eq!(last.last().map(String::as_str), Some("gate"));
    assert!(last.len() <= 4, "by spare at most: {last:?}");
    let report = monitor.report().expect("it runs");
    assert_ne!(level(&report, &OFF), Level::Good, "{:?}", Verdict::Unknown);
    assert!(lab.services.visits().iter().all(|(_, from)| *from != GATE.tailnet));
}
