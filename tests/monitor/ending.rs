//! How it ends, and how it goes on.

use std::os::unix::fs::PermissionsExt;

use super::{exit_node, phase, tailnet, use_exit_node};
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::run::Ended;

#[test]
fn a_second_one_does_not_run_on_the_same_state() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    let ended = Ended::of(&mut monitor.command());
    ended.status(1);
    assert!(ended.stderr().contains("another monitor runs"), "{}", ended.stderr());
    monitor.report().expect("the first one still answers");
}

#[test]
fn what_somebody_set_by_hand_is_left_so() {
    let fake = tailnet();
    let mut monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    monitor.wait_for(|report| phase(report) == "overridden");
    monitor.stop();
    assert_eq!(exit_node(&fake), "delta");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "overridden");
    use_exit_node(&fake, "gamma");
    monitor.wait_for(|report| phase(report) == "home");
}

#[test]
fn a_state_that_is_damaged_is_kept_aside_and_begun_anew() {
    let fake = tailnet();
    let mut monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    monitor.stop();
    let state = monitor.path("state/state.json");
    std::fs::write(&state, "{\"version\": 1, \"tra").expect("it is ours");
    use_exit_node(&fake, "beta");
    monitor.start_again();
    // It is taken for its own choice.
    monitor.wait_for(|report| phase(report) == "away");
    assert!(
        monitor.said().contains("state.json.broken, and a new one is begun"),
        "{}",
        monitor.said()
    );
    monitor.stop();
    assert_eq!(exit_node(&fake), "gamma", "and put back");
    std::fs::write(&state, "{\"version\": 2}").expect("it is ours");
    monitor.start_again();
    assert!(monitor.said().contains("of version 2"), "{}", monitor.said());
    let kept = std::fs::read_to_string(monitor.path("state/state.json.newer")).expect("it is kept");
    assert_eq!(kept, "{\"version\": 2}");
    assert_eq!(mode(&state), 0o600);
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
}
