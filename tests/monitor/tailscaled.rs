//! What it makes of a tailscaled that is away, closed, silent or late.

use std::time::Duration;

use serde_json::{Value, json};

use super::{changes, exit_node, phase, set_alive, tailnet};
use crate::support::monitor::{Monitor, hasty_settings};

/// Settings that let it restart tailscaled.
fn restarting() -> Value {
    let mut settings = hasty_settings();
    settings["failover"]["actions"] = json!(["exit-node", "restart"]);
    settings["failover"]["restartInterval"] = "300ms".into();
    settings
}

/// Waits until it has told that layer, and for as long again as it would take to restart tailscaled.
fn told(monitor: &Monitor, fault: &str) {
    monitor.wait_for(|report| report["alarms"].to_string().contains(fault));
    std::thread::sleep(Duration::from_millis(1_500));
}

#[test]
fn one_that_died_is_restarted() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &restarting()).with_systemctl("ActiveState=failed");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("die");
    monitor.wait_until(|| monitor.asked_systemctl().contains("restart tailscaled.service"));
}

#[test]
fn one_that_was_stopped_on_purpose_is_left_so() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &restarting()).with_systemctl("ActiveState=inactive");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("stop");
    monitor.wait_until(|| monitor.said().contains("was stopped, not that it died"));
    assert!(
        monitor.said().contains("sudo systemctl start tailscaled.service"),
        "{}",
        monitor.said()
    );
    let asked = monitor.asked_systemctl();
    assert!(asked.starts_with("show --property=ActiveState"), "{asked}");
    assert!(!asked.contains("restart "), "{asked}");
}

#[test]
fn one_whose_socket_is_closed_to_the_monitor_is_not_restarted() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &restarting())
        .with_systemctl("ActiveState=failed")
        .plain();
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("mode 0000");
    fake.now("bus end");
    told(&monitor, "unreadable");
    assert_eq!(monitor.asked_systemctl(), "", "it may well run");
    let said = monitor.said();
    assert!(
        said.contains("this user may not open") && said.contains("ls -l"),
        "{said}"
    );
    fake.now("mode 0666");
    monitor.wait_for(|report| phase(report) == "home" && report["alarms"] == json!([]));
}

#[test]
fn one_that_is_not_understood_is_not_restarted() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &restarting()).with_systemctl("ActiveState=failed");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    for endpoint in ["watch-ipn-bus", "status"] {
        fake.now(&format!("answer {endpoint} 500 plain \"no\""));
    }
    fake.now("bus end");
    told(&monitor, "unreadable");
    assert_eq!(monitor.asked_systemctl(), "");
    fake.now("usual");
    monitor.wait_for(|report| phase(report) == "home" && report["alarms"] == json!([]));
}

/// It lets everybody in and says nothing any more; its stream stays open.
#[test]
fn one_that_hangs_is_told_as_that_and_not_as_its_peers() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    for endpoint in ["prefs", "status", "ping"] {
        fake.now(&format!("answer {endpoint} silent"));
    }
    let report = monitor.wait_for(|report| report["alarms"].to_string().contains("not-running"));
    assert_eq!(
        report["alarms"],
        json!([{"layer": {"tailscaled": "not-running"}}]),
        "{report}"
    );
    assert_eq!(changes(&fake), 0, "{}", decisions(&monitor));
    fake.now("usual");
    monitor.wait_for(|report| phase(report) == "home" && report["alarms"] == json!([]));
    assert_eq!(changes(&fake), 0, "{}", decisions(&monitor));
}

/// It changes the preferences, and says so too late; meanwhile it tells everything else.
#[test]
fn a_change_that_was_not_answered_is_not_taken_for_somebody_elses() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    fake.change(|world| world.tells_prefs = false);
    fake.now("answer PATCH prefs late 1m");
    fake.now("answer GET prefs late 300ms");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| changes(&fake) == 1);
    assert_eq!(exit_node(&fake), "beta", "it is done");
    monitor.wait_until(|| {
        fake.now("state Running");
        std::thread::sleep(Duration::from_millis(20));
        monitor
            .report()
            .is_some_and(|report| phase(&report) != "moving" && phase(&report) != "home")
    });
    let report = monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(report["counts"]["moves"], 1, "{report}");
    let log = decisions(&monitor);
    assert!(!log.contains("chosen") && !log.contains("not-moved"), "{log}");
    assert_eq!(changes(&fake), 1);
}

/// It takes up what it was asked only when that has been given up.
#[test]
fn a_change_that_is_carried_out_late_is_not_taken_for_somebody_elses() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("answer PATCH prefs silent");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| decisions(&monitor).contains("not-moved"));
    super::use_exit_node(&fake, "beta");
    let report = monitor.wait_for(|report| matches!(phase(report), "away" | "trial" | "overridden"));
    assert_ne!(phase(&report), "overridden", "{report}");
    assert_eq!(report["counts"]["moves"], 1, "{report}");
    assert!(!decisions(&monitor).contains("chosen"), "{}", decisions(&monitor));
    // So it is returned from.
    fake.now("usual");
    set_alive(&fake, "gamma", true);
    monitor.wait_for(|report| phase(report) == "home" && report["alarms"] == json!([]));
    assert_eq!(exit_node(&fake), "gamma");
}

/// The status, which says which node is meant, is not there when the change is due.
#[test]
fn that_tailscaled_was_silent_says_nothing_against_an_exit_node() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("answer GET status silent");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| decisions(&monitor).contains("not-moved"));
    let report = monitor.report().expect("it answers");
    assert!(!report["alarms"].to_string().contains("refused"), "{report}");
    fake.now("usual");
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(exit_node(&fake), "beta");
    assert!(
        decisions(&monitor).contains("did not answer status"),
        "{}",
        decisions(&monitor)
    );
}

fn decisions(monitor: &Monitor) -> String {
    std::fs::read_to_string(monitor.path("state/decisions.jsonl")).unwrap_or_default()
}

/// Somebody sets another one while a question about the preferences goes unanswered.
#[test]
fn a_question_that_was_not_answered_is_asked_again() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    fake.now("answer 1 times GET prefs 500 plain \"no\"");
    super::use_exit_node(&fake, "delta");
    monitor.wait_for(|report| phase(report) == "overridden");
}
