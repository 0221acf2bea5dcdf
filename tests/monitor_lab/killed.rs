//! Killed at any moment: the state is whole, and in the end everything is as it was found.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tailwright::monitor::Decision;
use tailwright::monitor::failover::{Phase, State};

use super::scenario::{Scenario, THREE, play, with};
use crate::support::packets::Random;
use crate::support::tailnet::{Ending, Lab, Monitor};

/// So many kills where `TAILWRIGHT_KILLS` does not say how many.
const KILLS: u64 = 40;

#[test]
fn killed_at_random_moments_it_recovers() {
    const SCENARIOS: &[Scenario] = &[
        ("the first", |lab| kill_often(lab, 1)),
        ("the second", |lab| kill_often(lab, 2)),
        ("the third", |lab| kill_often(lab, 3)),
        ("the fourth", |lab| kill_often(lab, 4)),
    ];
    play(SCENARIOS);
    let kills = number("TAILWRIGHT_KILLS").unwrap_or(KILLS);
    let under_way = UNDER_WAY.load(Ordering::SeqCst);
    assert!(
        under_way > kills / 40,
        "of {kills}, {under_way} were killed in the middle of a change"
    );
}

/// So many were killed just after they had asked for a change.
static UNDER_WAY: AtomicU64 = AtomicU64::new(0);

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Things happen to the host at random, and the monitor is killed at random moments, some of them just after it has asked for
/// a change.
fn kill_often(lab: &mut Lab, which: u64) {
    // In four laboratories at the same time.
    let kills = number("TAILWRIGHT_KILLS").unwrap_or(KILLS).div_ceil(4);
    let seed = number("TAILWRIGHT_SEED").unwrap_or(20_261_120) + which;
    let mut random = Random(seed);
    let found = preferences(lab);
    let mut monitor = Monitor::start(lab, &with(&[THREE], &[("maxHoldDown", "\"2s\"")]));
    for kill in 0..kills {
        let what = happens(lab, &monitor, &mut random);
        UNDER_WAY.fetch_add(wait(lab, &mut random).into(), Ordering::SeqCst);
        monitor.kill();
        check_files(&monitor, &format!("seed {seed}, kill {kill}, after {what}"));
        monitor.start_in(&lab.topology.client);
        if random.one_in(5) {
            recover(lab, &mut monitor, &found);
        }
    }
    recover(lab, &mut monitor, &found);
    monitor.end(Ending::Stop);
    assert_eq!(preferences(lab), found, "seed {seed}: as it was found");
}

/// What the monitor may change, and what it must not.
fn preferences(lab: &Lab) -> Value {
    let mut prefs = lab.tailscaled.change(|world| world.prefs.clone());
    // Null and absent are the same to tailscaled.
    if let Some(prefs) = prefs.as_object_mut() {
        prefs.retain(|_, value| !value.is_null());
    }
    prefs
}

/// Something happens; what it was.
fn happens(lab: &Lab, monitor: &Monitor, random: &mut Random) -> String {
    let faults = lab.faults();
    let name = *random.of(&["gate", "gate", "spare", "third"]);
    match random.below(8) {
        0..=2 => faults.kill(name),
        3 => faults.forward_nothing(name),
        4 | 5 => {
            faults.revive(name);
            faults.forward(name);
        }
        6 => lab.choose(name),
        // Whoever asks may find it on its way up.
        _ => drop(monitor.failover(&["switch", name])),
    }
    name.to_owned()
}

/// Waits for the moment to kill it: any, or just after the next change that it asks for. Whether it was such a one.
fn wait(lab: &Lab, random: &mut Random) -> bool {
    let patience = Duration::from_millis(random.below(1_500));
    let start = Instant::now();
    if random.one_in(3) {
        std::thread::sleep(patience);
        return false;
    }
    let asked = lab.moves().len();
    while start.elapsed() < patience * 2 {
        if lab.moves().len() > asked {
            std::thread::sleep(Duration::from_micros(random.below(20_000)));
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// The state can be read, and so can every decision but one that was being written.
fn check_files(monitor: &Monitor, when: &str) {
    if let Ok(text) = std::fs::read_to_string(monitor.path("state/state.json")) {
        State::read(&text).unwrap_or_else(|error| panic!("{when}: {error}\n{text}"));
    }
    let text = std::fs::read_to_string(monitor.path("state/decisions.jsonl")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let was_being_written = !line.ends_with('}');
        let read: Result<Decision, _> = serde_json::from_str(line);
        assert!(read.is_ok() || was_being_written, "{when}: line {index}: {line}");
    }
}

/// Everything works again and nobody wants anything: then it goes home by itself.
fn recover(lab: &Lab, monitor: &mut Monitor, found: &Value) {
    for name in ["gate", "spare", "third"] {
        lab.faults().revive(name);
        lab.faults().forward(name);
    }
    monitor.until("it is known who chose", |report| {
        (!report.subjects.is_empty()).then_some(())
    });
    monitor.failover(&["resume"]).expect("the operator may");
    monitor.until_phase(Phase::Home);
    assert_eq!(preferences(lab), *found);
    assert_eq!(lab.preference("ExitNodeID"), json!(found["ExitNodeID"]));
}
