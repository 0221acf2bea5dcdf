//! What the machine does in one situation after the other, on a tailscaled that does as it is told.

mod notices;
mod people;
mod recovery;
mod rig;
mod safety;
mod simulation;

use std::collections::BTreeSet;

use rig::{GATE, Rig, SPARE, auto, direct, gate, node, spare};

use super::*;
use crate::monitor::decision::{What, Why};
use crate::monitor::diagnosis::{DaemonFault, Layer};
use crate::monitor::{Fault, Level, Moment, Verdict};

#[test]
fn what_fails_is_left_for_the_next_one_and_returned_to() {
    let mut rig = Rig::new(&[GATE, SPARE, "auto"]);
    rig.rounds(5, "gate: g, spare: g");
    assert_eq!(rig.applied(), []);
    rig.rounds(3, "gate: x, spare: g");
    assert_eq!(rig.applied(), [spare()], "after three bad checks, in the same step");
    assert_eq!(rig.phase(), Phase::Trial);
    assert!(rig.state.alarms().contains(&Alarm::Away(Subject::ExitNode)));
    rig.rounds(15, "gate: x, spare: g");
    assert_eq!(rig.phase(), Phase::Away);
    // Good for 20 s from the third good check on.
    rig.rounds(22, "gate: g, spare: g");
    assert_eq!(rig.applied(), [spare()]);
    rig.rounds(1, "gate: g, spare: g");
    assert_eq!(rig.applied(), [spare(), gate()]);
    assert_eq!(rig.phase(), Phase::Home);
    assert!(rig.state.alarms().is_empty(), "{:?}", rig.state.alarms());
}

#[test]
fn fewer_bad_checks_than_the_threshold_move_nothing() {
    let mut rig = Rig::new(&[SPARE]);
    for _ in 0..50 {
        rig.rounds(1, "gate: x, spare: g");
        rig.rounds(1, "gate: d, spare: g");
        rig.rounds(3, "gate: g, spare: g");
    }
    assert_eq!(rig.applied(), []);
}

#[test]
fn a_share_of_bad_checks_moves_where_the_plan_says_so() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.fall = Threshold::consecutive(3).or_of(4, 10);
    for _ in 0..5 {
        rig.rounds(1, "gate: d, spare: g");
        rig.rounds(1, "gate: g, spare: g");
    }
    assert_eq!(rig.applied(), [spare()]);
}

#[test]
fn what_flaps_is_held_down_longer_each_time() {
    let mut rig = Rig::new(&[SPARE]);
    let mut away = Vec::new();
    for _ in 0..6 {
        rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
        let left = rig.now;
        // A half-dead node: its pings are fine as soon as nothing is sent through it.
        rig.rounds_until("gate: g, spare: g", |rig| rig.standing() == gate());
        away.push(rig.now.since(left).as_secs());
    }
    assert_eq!(
        away,
        [23, 23, 40, 80, 80, 80],
        "return after 20 s, then held for 40 s and at most 80 s"
    );
}

#[test]
fn a_dead_way_is_left_for_a_held_one_earlier() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.max_hold_down = rig::secs(1_280);
    let mut held = Vec::new();
    for _ in 0..9 {
        rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
        let left = rig.now;
        rig.rounds_until("gate: g, spare: x", |rig| rig.standing() == gate());
        held.push(rig.now.since(left).as_secs());
    }
    assert_eq!(
        held,
        [10, 20, 40, 40, 40, 80, 80, 160, 160],
        "at most four first hold-downs, and twice as long for every two times more"
    );
}

#[test]
fn a_move_that_made_things_worse_is_undone() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(6, "gate: g, spare: g");
    rig.rounds_until("gate: d, spare: g", |rig| rig.standing() == spare());
    // Its ping was fine; what is sent through it goes nowhere.
    rig.rounds_until("gate: d, spare: x", |rig| rig.standing() == gate());
    assert!(matches!(
        rig.last_move().1,
        Why::Worse {
            level: Level::Down,
            left: Level::Degraded
        }
    ));
    rig.rounds(20, "gate: d, spare: x");
    assert_eq!(rig.standing(), gate(), "nothing is better");
    assert_eq!(rig.phase(), Phase::Stuck);
}

#[test]
fn what_was_undone_is_taken_all_the_same_when_nothing_else_works() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(6, "gate: g, spare: g");
    rig.rounds_until("gate: d, spare: g", |rig| rig.standing() == spare());
    rig.rounds_until("gate: d, spare: x", |rig| rig.standing() == gate());
    let undone = rig.now;
    rig.rounds_until("gate: x, spare: g", |rig| rig.standing() == spare());
    let held = rig.now.since(undone).as_secs();
    assert!((10..=11).contains(&held), "after its first hold-down: {held} s");
    rig.rounds(30, "gate: x, spare: g");
    assert_eq!(rig.phase(), Phase::Away);
}

#[test]
fn where_everything_is_down_it_stays_and_tells() {
    let mut rig = Rig::new(&[SPARE, "backup"]);
    rig.rounds(200, "gate: x, spare: x, backup: x");
    assert_eq!(rig.applied(), []);
    assert_eq!(rig.phase(), Phase::Stuck);
    assert!(rig.state.alarms().contains(&Alarm::Stuck(Subject::ExitNode)));
    assert_eq!(rig.raised(&Alarm::Stuck(Subject::ExitNode)), 1, "once");
    rig.rounds(3, "gate: x, spare: x, backup: g");
    assert_eq!(rig.applied(), [node("backup")]);
    assert!(!rig.state.alarms().contains(&Alarm::Stuck(Subject::ExitNode)));
}

#[test]
fn a_lossy_way_is_better_than_a_dead_one() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: g, spare: d");
    rig.rounds(3, "gate: x, spare: d");
    assert_eq!(rig.applied(), [spare()]);
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(30, "gate: d, spare: d");
    assert_eq!(rig.applied(), [], "and no better than another lossy one");
}

#[test]
fn what_was_never_measured_is_tried_where_nothing_comes_through() {
    let mut rig = Rig::new(&[SPARE, "auto"]);
    rig.rounds(30, "gate: d, spare: x");
    assert_eq!(rig.applied(), []);
    rig.rounds(3, "gate: x, spare: x");
    assert_eq!(rig.applied(), [auto()]);
}

#[test]
fn outside_the_tunnel_comes_last_unless_ranked_first() {
    let mut rig = Rig::new(&[SPARE, "off"]);
    rig.rounds(3, "gate: x, spare: d, off: g");
    rig.rounds(10, "gate: x, spare: d, off: g");
    assert_eq!(rig.applied(), [spare()], "a lossy exit node before none");
    let mut rig = Rig::new(&["off", SPARE]);
    rig.rounds(3, "gate: x, spare: g, off: g");
    assert_eq!(rig.applied(), [direct()]);
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(100, "gate: x, spare: x, off: g");
    assert_eq!(rig.applied(), [], "fail closed where the plan does not list it");
}

#[test]
fn one_move_within_the_window_the_higher_ranked_first() {
    let mut rig = Rig::new(&[SPARE]);
    rig.add_service(100);
    rig.rounds(3, "gate: x, spare: g, ollama: x, ollama-lan: g");
    assert_eq!(rig.applied(), [spare()]);
    rig.rounds(9, "gate: x, spare: g, ollama: x, ollama-lan: g");
    assert_eq!(rig.applied().len(), 1);
    rig.rounds(1, "gate: x, spare: g, ollama: x, ollama-lan: g");
    assert_eq!(rig.applied().last(), Some(&rig::lan()));
}

#[test]
fn slow_is_left_only_after_the_dwell_and_dead_at_once() {
    let mut rig = Rig::new(&[SPARE]);
    rig.plan.min_dwell = rig::secs(60);
    rig.rounds(59, "gate: d, spare: g");
    assert_eq!(rig.applied(), []);
    assert_eq!(rig.phase(), Phase::Waiting);
    rig.rounds(1, "gate: d, spare: g");
    assert_eq!(rig.applied(), [spare()]);
}

#[test]
fn the_control_plane_alone_moves_nothing() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: g, spare: g");
    rig.send(Event::Diagnosed([Layer::Control].into()));
    rig.rounds(600, "gate: g, spare: g");
    assert_eq!(rig.applied(), []);
    assert!(rig.state.alarms().contains(&Alarm::Layer(Layer::Control)));
    rig.rounds(3, "gate: x, spare: g");
    assert_eq!(rig.applied(), [spare()], "an exit node that is dead as well is left");
}

#[test]
fn a_failure_below_explains_those_above_and_what_was_measured_then() {
    for layer in [
        Layer::Link,
        Layer::Gateway,
        Layer::Internet,
        Layer::Daemon(DaemonFault::NeedsLogin),
    ] {
        let mut rig = Rig::new(&[SPARE]);
        rig.rounds(3, "gate: g, spare: g");
        rig.rounds(2, "gate: x, spare: g");
        rig.send(Event::Diagnosed([layer.clone()].into()));
        rig.rounds(50, "gate: x, spare: g");
        assert_eq!(rig.applied(), []);
        assert_eq!(rig.state.alarms().iter().collect::<Vec<_>>(), [&Alarm::Layer(layer)]);
        rig.send(Event::Diagnosed(BTreeSet::new()));
        rig.rounds(2, "gate: x, spare: g");
        assert_eq!(rig.applied(), [], "it takes new evidence");
        rig.rounds(1, "gate: x, spare: g");
        assert_eq!(rig.applied(), [spare()]);
    }
}

#[test]
fn a_dead_resolver_keeps_an_exit_node_only_where_that_is_measured_by_name() {
    for by_name in [true, false] {
        let mut rig = Rig::new(&[SPARE]);
        rig.plan.egress_by_name = by_name;
        rig.rounds(3, "gate: g, spare: g");
        rig.send(Event::Diagnosed([Layer::Dns].into()));
        rig.rounds(20, "gate: x, spare: g");
        let moved = if by_name { vec![] } else { vec![spare()] };
        assert_eq!(rig.applied(), moved);
    }
}

#[test]
fn the_address_on_the_lan_helps_where_the_internet_is_gone() {
    let mut rig = Rig::new(&[SPARE]);
    rig.add_service(100);
    rig.send(Event::Diagnosed([Layer::Internet].into()));
    rig.rounds(3, "gate: x, ollama: x, ollama-lan: g");
    assert_eq!(rig.applied(), [rig::lan()]);
}

#[test]
fn a_refused_change_is_told_and_the_next_one_tried() {
    let mut rig = Rig::new(&[SPARE, "backup"]);
    rig.plan.move_window = rig::secs(5);
    rig.refuses = Some(spare());
    rig.rounds(3, "gate: x, spare: g, backup: g");
    assert_eq!(rig.standing(), gate());
    assert!(rig.state.alarms().contains(&Alarm::Refused(Subject::ExitNode)));
    rig.rounds(12, "gate: x, spare: g, backup: g");
    assert_eq!(rig.standing(), node("backup"));
    assert!(!rig.state.alarms().contains(&Alarm::Refused(Subject::ExitNode)));
}

#[test]
fn a_change_that_is_refused_for_ever_is_tried_ever_more_rarely() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    rig.refuses = Some(gate());
    rig.plan.mode = Mode::Report;
    rig.rounds(800, "gate: g, spare: g");
    let tries = rig.applied().len() - 1;
    assert!((8..=14).contains(&tries), "at most every longest hold-down: {tries}");
}

#[test]
fn what_is_explained_by_a_layer_below_is_not_told_to_be_over() {
    let mut rig = Rig::new(&[]);
    rig.rounds(5, "gate: x");
    let failing = Alarm::Failing(Subject::ExitNode);
    assert!(rig.state.alarms().contains(&failing));
    rig.send(Event::Diagnosed([Layer::Internet].into()));
    rig.rounds(5, "gate: x");
    assert!(rig.state.alarms().contains(&failing));
    rig.send(Event::Diagnosed(BTreeSet::new()));
    rig.rounds(5, "gate: g");
    assert!(rig.state.alarms().is_empty());
}

#[test]
fn deadlines_wake_it_without_further_measurements() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    rig.rounds(3, "gate: g, spare: g");
    let good = rig.now;
    rig.wait(rig::secs(600));
    assert_eq!(rig.standing(), gate());
    assert_eq!(
        rig.state.track(&Subject::ExitNode).unwrap().since(),
        good.after(rig::secs(20))
    );
    assert!(rig.deadline.is_none(), "nothing is left to wait for");
}

#[test]
fn every_move_says_why_and_what_else_there_was() {
    let mut rig = Rig::new(&[SPARE, "backup"]);
    rig.rounds(3, "gate: g, spare: x, backup: g");
    rig.rounds(3, "gate: x, spare: x, backup: g");
    let (what, why) = rig.last_move();
    let Why::Failing { level, bad, fault, .. } = why else {
        panic!("{what}")
    };
    assert_eq!((level, bad), (Level::Down, 3));
    assert!(fault.is_some());
    assert_eq!(
        what.to_string(),
        "from exit node gate to exit node backup: what was in force is down, 3 bad checks in a row, the last: \
         no answer within 500 ms"
    );
    let What::Move { considered, .. } = &what else { panic!() };
    assert_eq!(considered.len(), 1);
    assert_eq!(considered[0].unfit, Some(Unfit::NotBetter(Level::Down)));
    let json = serde_json::to_string(&what).unwrap();
    assert_eq!(serde_json::from_str::<What>(&json).unwrap(), what);
}

#[test]
fn times_are_not_taken_back() {
    let mut rig = Rig::new(&[SPARE]);
    rig.rounds(3, "gate: x, spare: g");
    let done = step(&rig.plan, rig.state.clone(), Event::Woken, Moment::default());
    assert_eq!(done.state.clock, rig.now);
}

#[test]
fn what_would_cut_something_off_is_not_taken_and_that_is_said() {
    let mut rig = Rig::new(&[SPARE, "backup"]);
    rig.rounds(3, "gate: g, spare: g, backup: g");
    let prefix = "10.20.0.0/16".parse().unwrap();
    rig.send(Event::Measured(spare(), Verdict::Down(Fault::CutsOff(prefix))));
    rig.rounds(3, "gate: x, backup: g");
    let (What::Move { considered, to, .. }, _) = rig.last_move() else {
        panic!()
    };
    assert_eq!(to, node("backup"));
    assert_eq!(
        considered[0].unfit,
        Some(Unfit::CutsOff(prefix)),
        "from the first check on"
    );
}
