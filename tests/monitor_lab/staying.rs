//! When a move would be no good, or is not wanted.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tailwright::model::MonitorSettings;
use tailwright::monitor::Level;
use tailwright::monitor::decision::What;
use tailwright::monitor::failover::{Alarm, Mode, Obstacle, Phase, Subject};

use super::scenario::{MANY, SECOND, THREE, assert_moves, level, node, obstacle, play, with};
use crate::support::packets::Random;
use crate::support::tailnet::{Lab, Monitor};

#[test]
fn staying() {
    play(&[
        ("all are down: it stays, and tells", all_down),
        ("a flap storm is damped", flap_storm),
        ("a maintenance window is left alone", maintenance),
        ("a dry run changes nothing", dry_run),
        ("without automatic failover it only tells", only_reports),
        ("a state that cannot be written stops moves", unwritable),
    ]);
}

/// Nothing is better than what is in force. The first that comes back is taken.
fn all_down(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[THREE], &[]));
    monitor.ready();
    monitor.until_well();
    for name in ["spare", "third", "gate"] {
        lab.faults().kill(name);
        monitor.until_levels(&[(name, Level::Down)]);
    }
    monitor.until_phase(Phase::Stuck);
    monitor.until_told(&Alarm::Stuck(Subject::ExitNode));
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &[]);
    assert_eq!(
        lab.exit_node().as_deref(),
        Some("gate"),
        "closed, not around the tunnel"
    );
    lab.faults().revive("third");
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["third"]);
}

/// Exit nodes fail and recover at random, for ten seconds. There is never more than one move in a window, there are few, and in the
/// end the wanted one is in force.
fn flap_storm(lab: &mut Lab) {
    let window = 2 * SECOND;
    let settings = with(&[THREE], &[("moveWindow", "\"2s\"")]);
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    let seed = std::env::var("TAILWRIGHT_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut random = Random(seed.unwrap_or(11));
    let start = Instant::now();
    while start.elapsed() < 10 * SECOND {
        let name = *random.of(&["gate", "gate", "spare", "third"]);
        match random.below(4) {
            0 => lab.faults().kill(name),
            1 => lab.faults().forward_nothing(name),
            _ => {
                lab.faults().revive(name);
                lab.faults().forward(name);
            }
        }
        std::thread::sleep(Duration::from_millis(100 + random.below(300)));
    }
    let storm = start.elapsed();
    for name in ["gate", "spare", "third"] {
        lab.faults().revive(name);
        lab.faults().forward(name);
    }
    monitor.until_phase(Phase::Home);
    monitor.until_well();
    let moves = lab.moves();
    for pair in moves.windows(2) {
        // Measured at the socket: a request may be delayed where the one before was not.
        assert!(pair[1].0 - pair[0].0 + SECOND / 4 > window, "{moves:?}");
    }
    let most = storm.as_secs() / window.as_secs() + 8;
    assert!(moves.len() as u64 <= most, "{moves:?}");
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}

/// Now, and for some hours, in UTC.
fn window() -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let begin = now - 3_600;
    let (day, hour) = (begin / 86_400 % 7, begin / 3_600 % 24);
    let day = DAYS[usize::try_from(day).expect("a day")];
    format!("[ \"{day} {hour:02}:00-{:02}:00\" ]", (hour + 5) % 24)
}

fn maintenance(lab: &mut Lab) {
    let windows = window();
    let mut monitor = Monitor::start(lab, &with(&[], &[("maintenanceWindows", &windows)]));
    monitor.ready();
    monitor.until_levels(&[("gate", Level::Good), ("spare", Level::Good)]);
    lab.faults().kill("gate");
    monitor.until("a maintenance window is open", |report| {
        (level(report, &node("gate")) == Level::Down && matches!(obstacle(report), Some(Obstacle::Maintenance(_))))
            .then_some(())
    });
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &[]);
    let report = monitor.report().expect("it runs");
    assert!(report.alarms.is_empty(), "no alarm begins in it: {:?}", report.alarms);
    assert!(report.maintenance_until.is_some(), "{report:?}");
    monitor.configure(&with(&[], &[]));
    monitor.reload();
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["spare"]);
}

/// What is decided is written down, and nothing is changed.
fn dry_run(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[("dryRun", "true")]));
    monitor.ready();
    monitor.until_well();
    lab.faults().kill("gate");
    monitor.until_levels(&[("gate", Level::Down)]);
    monitor.until("it has rehearsed", |report| (report.last_move.is_some()).then_some(()));
    monitor.measure(MANY);
    assert_eq!(lab.patches(), [], "nothing is changed");
    let rehearsed: Vec<_> = monitor
        .decisions()
        .into_iter()
        .filter_map(|decision| match decision.what {
            What::Rehearsal { from, to, .. } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(rehearsed, [(node("gate"), node("spare"))], "once");
    assert_eq!(monitor.report().map(|report| report.mode), Some(Mode::DryRun));
}

fn only_reports(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[("enableAutoFailover", "false")], &[]));
    monitor.ready();
    monitor.until_well();
    lab.faults().kill("gate");
    monitor.until_told(&Alarm::Failing(Subject::ExitNode));
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &[]);
    assert_eq!(lab.patches(), []);
    lab.faults().revive("gate");
    monitor.until_well();
}

/// The disk is full.
fn unwritable(lab: &mut Lab) {
    let settings: MonitorSettings = with(&[], &[]);
    let mut monitor = Monitor::new(lab.tailscaled.socket(), &settings);
    let state = monitor.path("state");
    std::fs::create_dir(&state).expect("a fresh directory");
    let client = &lab.topology.client;
    client.must(
        "/bin/mount",
        &["-t", "tmpfs", "-o", "size=64k", "none", &state.to_string_lossy()],
    );
    monitor.start_in(client);
    monitor.ready();
    monitor.until_well();
    let fill = format!("cat /dev/zero > {}/full", state.display());
    client.run("/bin/sh", &["-c", &fill]).expect_err("the disk is full");
    lab.faults().kill("gate");
    monitor.until_told(&Alarm::StateUnwritable);
    monitor.measure(MANY);
    assert_eq!(lab.patches(), [], "nothing is done that is not written down before");
    client.must("/bin/rm", &[&format!("{}/full", state.display())]);
    // It is tried again after half a minute; an operator need not wait for that.
    monitor.until("it can be written again", |report| {
        (!report.alarms.contains(&Alarm::StateUnwritable)).then_some(())
    });
    monitor.until_phase(Phase::Away);
    assert_eq!(lab.moved_to(), ["spare"]);
}
