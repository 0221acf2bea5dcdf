//! A host that is watched through simulated time, against a network that is described in a few words.

mod behind;
mod exit_nodes;
mod properties;
mod rig;
mod tailscaled;
mod timing;

use std::collections::BTreeSet;

use serde_json::json;

use self::rig::{GATE, Rig, SPARE, measured, node};
use super::key::Means;
use super::*;
use crate::model::ExitNodeChoice;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Action, Event, Machine, State, Subject};
use crate::monitor::probe::PathClass;
use crate::monitor::{ClockStep, Fault, Verdict};

#[test]
fn a_host_on_which_all_is_well_says_so_once_a_round() {
    let mut rig = Rig::fast();
    let events = rig.run(3_000);
    assert!(
        events
            .iter()
            .any(|(_, event)| matches!(event, Event::Links(up) if up.len() == 1))
    );
    assert_eq!(events[0].1, Event::LanAccess(true));
    let causes: Vec<_> = events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Diagnosed(causes) => Some(causes.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(causes, [BTreeSet::new()]);
    for name in [GATE, SPARE] {
        let checks = measured(&events, &node(name));
        assert_eq!(checks, vec![Verdict::Good; checks.len()]);
        assert!((4..=5).contains(&checks.len()), "{name}: {}", checks.len());
    }
}

#[test]
fn what_is_in_force_comes_last_and_after_the_diagnosis() {
    let mut rig = Rig::fast();
    rig.run(2_000);
    rig.net.internet = false;
    rig.net.egress = false;
    rig.net.gate = false;
    rig.net.spare = false;
    for (_, events) in rig.rounds(3_000) {
        let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted);
        let diagnosed = place(&|event| matches!(event, Event::Diagnosed(_)));
        let other = place(&|event| matches!(event, Event::Measured(setting, _) if *setting == node(SPARE)));
        let in_force = place(&|event| matches!(event, Event::Measured(setting, _) if *setting == node(GATE)));
        if let (Some(diagnosed), Some(in_force)) = (diagnosed, in_force) {
            assert!(diagnosed < in_force, "{events:?}");
        }
        if let (Some(other), Some(in_force)) = (other, in_force) {
            assert!(other < in_force, "{events:?}");
        }
    }
}

#[test]
fn a_clock_that_is_set_moves_everything_with_it() {
    let day = 86_400_000;
    let set = |rig: &mut Rig, to: Moment| {
        let step = ClockStep::between(rig.now, to);
        rig.watch.step_clock(step);
        rig.now = to;
        for (at, _) in &mut rig.flying {
            *at = at.moved(step);
        }
        step
    };
    let mut usual = Rig::fast();
    usual.run(5_000);
    let now = usual.now.after_millis(10 * day);
    set(&mut usual, now);
    usual.net.gate = false;
    usual.net.egress = false;
    usual.run(500);
    let now = usual.now;
    for other in [now.after_millis(day), now.before_millis(day)] {
        let mut rig = usual.clone();
        let step = set(&mut rig, other);
        let events = usual.clone().run(5_000).into_iter();
        let expected: Vec<(Moment, Event)> = events.map(|(at, event)| (at.moved(step), event)).collect();
        assert!(
            expected
                .iter()
                .any(|(_, event)| matches!(event, Event::Measured(_, Verdict::Down(_))))
        );
        assert_eq!(rig.run(5_000), expected);
    }
}
