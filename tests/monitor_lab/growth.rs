//! It does not grow: memory and descriptors, over many rounds with failures in them.

use std::fs::read_dir;
use std::time::Duration;

use rustix::process::Pid;
use tailwright::net::TimeSpan;

use super::scenario::{THREE, with};
use crate::support::tailnet::{Lab, Monitor, NODES, nothing, world};
use crate::support::tailscaled::Tailscaled;

/// So many rounds where `TAILWRIGHT_ROUNDS` does not say how many. A week of one each second has 604,800.
const ROUNDS: u64 = 1_500;
/// Between two rounds.
const INTERVAL: TimeSpan = TimeSpan::constant_millis(10);
/// Something happens after so many rounds.
const CALM: u64 = 100;
/// More resident memory than this is growth, in kilobytes: a list that gets 100 bytes in each round of a week has 59,000.
const MOST: u64 = 512;

#[test]
fn a_week_of_rounds_leaves_it_as_large_as_it_was() {
    let Some(lab) = Lab::new() else { return };
    let mut world = world(96);
    let gate = world.peer("gate")["ID"].clone();
    world.patch_prefs(&serde_json::json!({"ExitNodeID": gate, "ExitNodeIDSet": true}).to_string());
    let tailscaled = Tailscaled::start(world);
    // Its pings are answered at once: the laboratory's own would be late.
    let mut settings = with(&[THREE], &[]);
    settings.probes = nothing();
    (settings.check_interval, settings.check_timeout) = (INTERVAL, INTERVAL);
    let mut monitor = Monitor::new(tailscaled.socket(), &settings);
    monitor.start_in(&lab.topology.client);
    monitor.ready();

    let rounds = std::env::var("TAILWRIGHT_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    let rounds: u64 = rounds.unwrap_or(ROUNDS);
    // Each round pings the exit nodes in two ways, and looks at the interfaces.
    let per_round = 7;
    let probes = |monitor: &mut Monitor| monitor.until("a report", |report| Some(report.counts.probes));
    let begin = probes(&mut monitor);
    let mut sizes = Vec::new();
    let mut happened = 0;
    loop {
        let done = (probes(&mut monitor) - begin) / per_round;
        if done / CALM > happened {
            happened = done / CALM;
            let name = NODES[usize::try_from(happened % 3).expect("small")].name;
            tailscaled.change(|world| {
                if !world.dead.remove(name) {
                    world.dead.insert(name.to_owned());
                }
                world.set_online(name, happened % 2 == 0);
            });
            sizes.push((resident(monitor.pid()), descriptors(monitor.pid())));
        }
        if done >= rounds {
            break;
        }
        monitor.alive();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(sizes.len() > 8, "{sizes:?}");
    assert!(!monitor.decisions().is_empty(), "something has happened");
    // The first third is for filling windows and buffers.
    let (early, late) = (&sizes[..sizes.len() / 3], &sizes[sizes.len() * 2 / 3..]);
    let most = |part: &[(u64, usize)]| *part.iter().map(|(memory, _)| memory).max().expect("some");
    assert!(most(late) <= most(early) + MOST, "resident kilobytes: {sizes:?}");
    let open = |part: &[(u64, usize)]| part.iter().map(|(_, open)| *open).min().expect("some");
    assert!(open(late) <= open(early) + 4, "descriptors: {sizes:?}");
}

/// Its resident memory in kilobytes.
fn resident(pid: Pid) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .expect("in kilobytes");
    number.trim().parse().expect("a number")
}

/// How many descriptors it has open.
fn descriptors(pid: Pid) -> usize {
    read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero()))
        .expect("it runs")
        .count()
}
