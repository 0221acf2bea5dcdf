//! Whatever comes in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::rig::{self, Rig};
use crate::monitor::diagnosis::{Daemon, DaemonFault};
use crate::monitor::failover::{Event, State};
use crate::monitor::probe::PathClass;
use crate::monitor::watch::{Links, Probe, Sample, Watch};
use crate::monitor::{Fault, Moment};

#[derive(Debug, Clone)]
enum Happens {
    Passes(u64),
    Answers(usize, Sample),
    /// The answer to a probe that was never sent, or long ago.
    Stray(u64),
    Lost,
    Runs(bool, Option<String>),
    Reloads(u64),
}

fn sample() -> impl Strategy<Value = Sample> {
    prop_oneof![
        4 => (0_u64..2_000_000).prop_map(|micros| Sample::Answered { round_trips: vec![Some(micros)], path: None }),
        1 => Just(Sample::Answered { round_trips: vec![None, Some(7)], path: Some(PathClass::Derp("fra".to_owned())) }),
        1 => Just(Sample::Answered { round_trips: Vec::new(), path: None }),
        3 => Just(Sample::Failed(Fault::NoAnswer { waited: 500 })),
        1 => Just(Sample::CannotTell("not here".to_owned())),
        1 => Just(Sample::Links(rig::links(true))),
        1 => Just(Sample::Links(Links::default())),
    ]
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0_u64..1_500).prop_map(Happens::Passes),
        1 => (0_u64..10_000_000).prop_map(Happens::Passes),
        12 => (any::<usize>(), sample()).prop_map(|(which, sample)| Happens::Answers(which, sample)),
        1 => any::<u64>().prop_map(Happens::Stray),
        1 => Just(Happens::Lost),
        2 => (any::<bool>(), prop::option::of("n-(gate|spare|desk|gone)"))
            .prop_map(|(auto, node)| Happens::Runs(auto, node)),
        1 => (100_u64..60_000).prop_map(Happens::Reloads),
    ]
}

fn with_interval(interval: u64) -> crate::model::MonitorSettings {
    let timeout = interval.min(5_000);
    rig::settings(json!({
        "checkInterval": format!("{interval}ms"), "checkTimeout": format!("{timeout}ms"), "acceptRoutes": true,
        "failover": {
            "actions": ["exit-node", "routes-off", "lan-address"], "holdDown": "10s", "maxHoldDown": "10m",
            "minDwell": "5s", "moveWindow": "3s", "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false,
            "restoreOnStop": true,
            "lanRoutes": [{ "prefix": "192.168.15.0/24", "probe": "192.168.15.7" }],
            "lanServices": { "db": { "tailnetAddress": "desk", "lanAddress": "192.168.15.9", "port": 5432 } },
        },
    }))
}

proptest! {
    #[test]
    fn never_two_of_a_target_never_too_many_and_always_a_later_deadline(
        story in prop::collection::vec(happens(), 1..120),
    ) {
        let mut rig = Rig::with(&with_interval(700));
        let mut now = rig.now;
        let mut open: Vec<(Moment, Probe)> = Vec::new();
        let mut numbers = BTreeSet::new();
        for one in story {
            match one {
                Happens::Passes(millis) => now = now.after_millis(millis),
                Happens::Answers(which, sample) if !open.is_empty() => {
                    let (_, probe) = open.swap_remove(which % open.len());
                    rig.watch.answered(probe.number, sample, now);
                }
                Happens::Answers(..) => {}
                Happens::Stray(number) => {
                    let is_open = open.iter().any(|(_, probe)| probe.number == number);
                    if !is_open {
                        rig.watch.answered(number, Sample::Failed(Fault::NoSuchNode), now);
                    }
                }
                Happens::Lost => rig.watch.lost(DaemonFault::NotRunning, now),
                Happens::Runs(auto, node) => {
                    let mut tailnet = rig.tailnet.clone();
                    tailnet.daemon = if auto && node.is_none() {
                        Daemon::Broken(DaemonFault::Starting)
                    } else {
                        Daemon::Runs
                    };
                    if let Some(preferences) = &mut tailnet.preferences {
                        preferences.auto_exit_node = auto;
                        preferences.exit_node = node;
                        preferences.accept_routes = auto;
                    }
                    rig.watch.tailnet(tailnet, now);
                }
                Happens::Reloads(interval) => rig.watch.reload(&with_interval(interval), now),
            }
            for probe in rig.watch.due(now) {
                prop_assert!(numbers.insert(probe.number), "{} comes twice", probe.number);
                // What is still open is retired, is about something else, or was asked of what has been forgotten since.
                open.push((now, probe));
            }
            prop_assert!(rig.watch.under_way() <= Watch::MOST);
            if let Some(deadline) = rig.watch.deadline() {
                prop_assert!(deadline > now, "{:?} is not after {:?}", deadline, now);
            }
            let mut in_force = false;
            for event in rig.watch.events(now) {
                match event {
                    Event::Links(_) | Event::LanAccess(_) | Event::Diagnosed(_) | Event::Noticed(_) => {
                        prop_assert!(!in_force);
                    }
                    Event::Measured(setting, _) => {
                        in_force |= rig.watch.settings_in_force(&State::new()).contains(&setting);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            let readings = rig.watch.readings();
            let names: BTreeSet<&str> = readings.iter().map(|reading| reading.target.as_str()).collect();
            prop_assert_eq!(names.len(), readings.len());
            open.retain(|(asked, _)| now.since(*asked).as_secs() < 60);
        }
    }
}
