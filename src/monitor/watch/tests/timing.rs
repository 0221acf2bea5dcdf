//! How soon, how often, how many.

use serde_json::json;

use super::rig::{GATE, Net, Rig, measured, node, settings};
use crate::monitor::diagnosis::DaemonFault;
use crate::monitor::failover::Event;
use crate::monitor::watch::{Question, Watch, Way};
use crate::monitor::{Moment, Verdict};

/// When the third bad check of what is in force was told.
fn third_bad(events: &[(Moment, Event)]) -> Option<Moment> {
    let bad = events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Measured(setting, Verdict::Down(_)) if *setting == node(GATE)));
    bad.map(|(at, _)| *at).nth(2)
}

#[test]
fn fast_finds_an_exit_node_that_dies_at_any_moment_within_three_seconds() {
    let mut worst = 0;
    for after in (0..700).step_by(7) {
        for (dns, gate) in [(false, true), (false, false), (true, true)] {
            let mut rig = Rig::fast();
            rig.run(5_000 + after);
            let died = rig.now;
            rig.net.egress = dns;
            rig.net.egress_http = false;
            rig.net.gate = gate;
            let events = rig.run(4_000);
            let found = third_bad(&events).unwrap();
            worst = worst.max(found.since(died).as_millis());
        }
    }
    // Three checks of 700 ms and the wait of the last. An answer that is under way when it dies is lost as well.
    assert!((2_500..=2_600).contains(&worst), "{worst} ms");
}

#[test]
fn an_internet_that_is_lost_at_any_moment_is_never_taken_for_the_exit_node() {
    for after in (0..700).step_by(7) {
        let mut rig = Rig::fast();
        rig.run(5_000 + after);
        rig.net = Net {
            gateway: true,
            dns: true,
            ..Net::gone()
        };
        let mut bad = 0;
        for (_, event) in rig.run(20_000) {
            match event {
                Event::Diagnosed(causes) if !causes.is_empty() => {
                    bad = -1_000;
                    break;
                }
                Event::Measured(setting, Verdict::Down(_)) if setting == node(GATE) => bad += 1,
                _ => {}
            }
            assert!(bad < 3, "after {after} ms");
        }
        assert!(bad < 0);
    }
}

#[test]
fn a_tailscaled_that_hangs_at_any_moment_is_never_taken_for_its_peers() {
    let hangs = "tailscaled does not run or does not answer";
    for interval in ["700ms", "5s"] {
        for after in (0..700).step_by(31) {
            let mut rig = Rig::with(&settings(json!({ "checkInterval": interval })));
            rig.run(30_000 + after);
            rig.hang();
            let (mut bad, mut told) = (0, Vec::new());
            for (at, event) in rig.run(40_000) {
                match event {
                    Event::Diagnosed(causes) => {
                        told.push((at, causes.iter().map(ToString::to_string).collect::<Vec<_>>()));
                    }
                    Event::Measured(setting, Verdict::Down(_)) if setting == node(GATE) && told.is_empty() => bad += 1,
                    _ => {}
                }
            }
            assert!(bad < 3, "{bad} checks of gate, {after} ms, every {interval}");
            let causes: Vec<&[String]> = told.iter().map(|(_, causes)| &causes[..]).collect();
            assert_eq!(causes, [[hangs]], "{after} ms, every {interval}");
            // Whoever follows it gives it up later: that is no news.
            rig.watch.lost(DaemonFault::NotRunning, rig.now);
            let again = rig.run(30_000);
            assert!(
                !again.iter().any(|(_, event)| matches!(event, Event::Diagnosed(_))),
                "{again:?}"
            );
        }
    }
}

#[test]
fn a_tailscaled_that_answers_again_leaves_nothing_of_its_silence() {
    let mut rig = Rig::fast();
    rig.run(30_000);
    rig.hang();
    rig.run(15_000);
    rig.net = Net::well();
    let events = rig.run(30_000);
    let over = events
        .iter()
        .position(|(_, event)| matches!(event, Event::Diagnosed(causes) if causes.is_empty()));
    let after = measured(&events[over.unwrap()..], &node(GATE));
    assert!(
        after.len() > 10 && after.iter().all(|verdict| *verdict == Verdict::Good),
        "{after:?}"
    );
    assert!(rig.causes().is_empty());
}

#[test]
fn what_follows_is_never_told_as_a_cause_for_a_moment() {
    for after in (0..700).step_by(31) {
        for interval in ["700ms", "5s"] {
            for in_force in [true, false] {
                let mut rig = Rig::with(&settings(json!({ "checkInterval": interval })));
                if let Some(preferences) = rig.tailnet.preferences.as_mut().filter(|_| !in_force) {
                    preferences.exit_node = None;
                }
                rig.tell();
                rig.run(30_000 + after);
                rig.net = Net {
                    gateway: true,
                    ..Net::gone()
                };
                let events = rig.run(60_000);
                let told = events.iter().filter_map(|(_, event)| match event {
                    Event::Diagnosed(causes) => Some(causes.iter().map(ToString::to_string).collect::<Vec<_>>()),
                    _ => None,
                });
                let told: Vec<Vec<String>> = told.collect();
                assert_eq!(told, [["the internet is not reached"]], "{after} ms, every {interval}");
            }
        }
    }
}

#[test]
fn a_network_that_comes_back_leaves_the_tunnel_the_time_to_follow() {
    let mut rig = Rig::fast();
    rig.run(5_000);
    rig.net = Net::gone();
    rig.run(10_000);
    rig.net = Net {
        egress: false,
        gate: false,
        spare: false,
        ..Net::well()
    };
    rig.run(2_000);
    rig.net = Net::well();
    let events = rig.run(5_000);
    let over = events
        .iter()
        .position(|(_, event)| matches!(event, Event::Diagnosed(causes) if causes.is_empty()));
    let after = measured(&events[over.unwrap()..], &node(GATE));
    assert!(after.iter().all(|verdict| *verdict == Verdict::Good), "{after:?}");
}

#[test]
fn what_lies_below_is_asked_rarely_while_all_is_well() {
    let mut rig = Rig::fast();
    rig.run(60_000);
    let below =
        |question: &Question| matches!(question, Question::Reach { way: Way::By(by), .. } if by.as_str() == "enp3s0");
    let asked = rig.asked.iter().filter(|(_, probe)| below(&probe.question)).count();
    // The router, the internet and the resolver, every ten seconds.
    assert!((18..=21).contains(&asked), "{asked}");
    assert!(
        rig.watch
            .readings()
            .iter()
            .all(|reading| reading.verdict == Some(Verdict::Good))
    );
}

#[test]
fn checks_are_spread_over_the_interval() {
    let mut rig = Rig::with(&settings(json!({ "checkInterval": "30s", "checkTimeout": "5s" })));
    rig.run(60_000);
    rig.asked.clear();
    rig.run(300_000);
    let mut seconds: Vec<u128> = rig
        .asked
        .iter()
        .map(|(at, _)| at.since(Moment::default()).as_secs().into())
        .collect();
    seconds.dedup();
    assert!(seconds.len() >= 60, "{seconds:?}");
}

#[test]
fn a_host_that_has_slept_begins_anew_without_a_burst_and_without_a_failure() {
    let mut rig = Rig::with(&settings(json!({ "checkInterval": "2s", "checkTimeout": "1s" })));
    rig.run(20_000);
    let flying = rig.flying.len();
    rig.now = rig.now.after_millis(8 * 3_600_000);
    rig.net = Net::gone();
    rig.asked.clear();
    let mut events = rig.run(1_500);
    assert!(rig.asked.len() <= 6 + flying, "{}", rig.asked.len());
    rig.net = Net::well();
    events.extend(rig.run(20_000));
    for (_, event) in events {
        match event {
            Event::Diagnosed(causes) => assert!(causes.is_empty(), "{causes:?}"),
            Event::Measured(_, verdict) => assert_eq!(verdict, Verdict::Good),
            _ => {}
        }
    }
}

#[test]
fn many_targets_wait_for_each_other() {
    let targets: serde_json::Map<String, serde_json::Value> = (0..32)
        .map(|number| {
            let target = json!({
                "ask": { "tcp": format!("192.168.15.{}:80", number + 10) },
                "interval": "1s", "timeout": "1s", "maxLatency": "200ms", "maxPacketLoss": 5,
            });
            (format!("t{number}"), target)
        })
        .collect();
    let probes = json!({ "internet": [], "egress": { "dns": [], "http": [] }, "targets": targets });
    let mut rig = Rig::with(&settings(json!({ "probes": probes })));
    rig.net.rest = false;
    for _ in 0..200 {
        rig.run(50);
        assert!(rig.flying.len() <= Watch::MOST);
    }
    // However many wait, what is in force is not kept waiting.
    rig.net.gate = false;
    let died = rig.now;
    let found = third_bad(&rig.run(4_000)).unwrap();
    assert!(found.since(died).as_millis() <= 2_600 + 1_000);
}
