//! How it ends, and how it goes on.

use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use super::{exit_node, phase, set_alive, tailnet, use_exit_node};
use crate::support::monitor::{Monitor, NotifySocket, hasty_settings};
use crate::support::run::Ended;
use crate::support::tailscaled::Tailscaled;

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

/// A monitor that has left gamma, of which one hears nothing, for beta.
fn away(fake: &crate::support::tailscaled::Tailscaled, settings: &serde_json::Value) -> Monitor {
    let monitor = Monitor::start(fake.socket(), settings);
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(fake, "gamma", false);
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(exit_node(fake), "beta");
    monitor
}

#[test]
fn stopped_it_puts_back_what_it_changed() {
    let fake = tailnet();
    let mut monitor = away(&fake, &hasty_settings());
    monitor.stop();
    assert_eq!(exit_node(&fake), "gamma");
    assert!(!monitor.path("run/control.sock").exists(), "nothing is left behind");
}

#[test]
fn what_is_to_stay_stays() {
    let fake = tailnet();
    let mut settings = hasty_settings();
    settings["failover"]["restoreOnStop"] = false.into();
    let mut monitor = away(&fake, &settings);
    monitor.signal(Signal::INT);
    assert!(monitor.ended().success());
    assert_eq!(exit_node(&fake), "beta");
}

/// systemd is asked whether the unit is restarted or stopped: the signal is the same.
#[test]
fn restarted_it_leaves_everything_in_place_and_goes_on() {
    for (jobs, after) in [
        ("7 tailwright-monitor.service restart running", "beta"),
        ("1 shutdown.target start waiting", "beta"),
        ("7 tailwright-monitor.service stop running", "gamma"),
    ] {
        let fake = tailnet();
        let mut monitor = Monitor::new(fake.socket(), &hasty_settings()).with_systemctl(jobs);
        let manager = NotifySocket::at(&monitor.path("notify"));
        monitor.set_variable("NOTIFY_SOCKET", monitor.path("notify"));
        monitor.start_again();
        monitor.wait_for(|report| phase(report) == "home");
        set_alive(&fake, "gamma", false);
        monitor.wait_for(|report| phase(report) == "away");
        monitor.stop();
        assert_eq!(exit_node(&fake), after, "{jobs}");
        let asked = monitor.asked_systemctl();
        assert!(asked.starts_with("list-jobs"), "{asked}");
        let told = manager.messages();
        assert!(told.iter().any(|told| told.contains("READY=1")), "{told:?}");
        assert!(
            told.iter()
                .any(|told| told.contains("STATUS=exit node: exit node beta (away)")
                    || told.contains("exit node beta (away)")),
            "{told:?}"
        );
        assert!(told.last().is_some_and(|told| told.contains("STOPPING=1")), "{told:?}");
        if after == "beta" {
            monitor.start_again();
            monitor.wait_for(|report| phase(report) == "away");
            set_alive(&fake, "gamma", true);
            monitor.wait_for(|report| phase(report) == "home");
        }
    }
}

#[test]
fn killed_before_the_change_it_goes_on_and_returns() {
    killed_while_moving("answer PATCH prefs silent", |monitor, _| {
        // It is on disk before it is done.
        let state = std::fs::read_to_string(monitor.path("state/state.json")).expect("a state");
        assert!(state.contains("\"moving\":{"), "{state}");
    });
}

#[test]
fn killed_after_the_change_it_goes_on_and_returns() {
    // The change is carried out, and its answer comes too late for whoever asked.
    killed_while_moving("answer PATCH prefs late 400ms", |_, fake| {
        assert_eq!(exit_node(fake), "beta");
    });
}

/// Kills it as soon as its change has been asked for.
fn killed_while_moving(bad: &str, then: impl Fn(&Monitor, &Tailscaled)) {
    let fake = tailnet();
    let mut monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    fake.now(bad);
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| fake.seen().iter().any(|request| request.method == "PATCH"));
    monitor.kill();
    then(&monitor, &fake);
    fake.now("usual");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(exit_node(&fake), "beta");
    set_alive(&fake, "gamma", true);
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!(exit_node(&fake), "gamma");
}

#[test]
fn a_state_that_cannot_be_written_makes_no_moves_and_is_told() {
    let fake = tailnet();
    let mut monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    // A disk that is full refuses even root.
    let new = monitor.path("state/state.json.new");
    let _ = std::fs::remove_file(&new);
    std::os::unix::fs::symlink("/dev/full", &new).expect("it is ours");
    set_alive(&fake, "gamma", false);
    let report = monitor.wait_for(|report| report["alarms"].to_string().contains("state-unwritable"));
    assert!(report["counts"]["savesFailed"].as_u64() > Some(0), "{report}");
    assert!(
        monitor.said().contains("the state could not be written: No space left"),
        "{}",
        monitor.said()
    );
    monitor.wait_for(|report| phase(report) == "waiting");
    assert_eq!(exit_node(&fake), "gamma");
    monitor.stop();
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
}
