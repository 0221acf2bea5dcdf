//! What the monitor makes of it.

use super::scenario;
use crate::monitor::phase;
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::tailscaled::Tailscaled;

/// A monitor that has settled, before the time of the scenario begins.
fn settled(name: &str) -> (Tailscaled, Monitor) {
    let mut fake = Tailscaled::prepare(name);
    // No relay: none is asked.
    fake.change(|world| world.status["Self"]["Relay"] = "".into());
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home" && report["alarms"] == serde_json::json!([]));
    fake.begin();
    (fake, monitor)
}

/// The exit node that is chosen, by its identity.
fn chosen(fake: &Tailscaled) -> String {
    fake.change(|world| world.prefs["ExitNodeID"].as_str().unwrap_or_default().to_owned())
}

fn changes(fake: &Tailscaled) -> usize {
    fake.seen().iter().filter(|request| request.method == "PATCH").count()
}

const BETA: &str = "TESTCTRL00000001";
const GAMMA: &str = "TESTCTRL00000002";
const DELTA: &str = "TESTCTRL00000003";

#[test]
fn an_exit_node_that_dies_for_a_while() {
    let (fake, monitor) = settled(&scenario("exit-node-dies"));
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(chosen(&fake), BETA);
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!((chosen(&fake).as_str(), changes(&fake)), (GAMMA, 2));
}

#[test]
fn a_daemon_that_is_replaced_by_an_older_one() {
    let (fake, monitor) = settled(&scenario("restarted-while-followed"));
    monitor.wait_until(|| monitor.said().contains("tailscaled answers again"));
    assert_eq!(changes(&fake), 0);
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!((chosen(&fake).as_str(), changes(&fake)), (BETA, 1));
}

#[test]
fn somebody_else_who_chooses() {
    let (fake, monitor) = settled(&scenario("by-hand"));
    monitor.wait_for(|report| phase(report) == "overridden");
    assert_eq!((chosen(&fake).as_str(), changes(&fake)), (DELTA, 0));
}

#[test]
fn nobody_who_may() {
    let (fake, monitor) = settled(&scenario("read-only"));
    monitor.wait_for(|report| report["alarms"].to_string().contains("refused"));
    assert_eq!(chosen(&fake), GAMMA);
    assert!(
        monitor
            .said()
            .contains("only root and tailscaled's operator may do that"),
        "{}",
        monitor.said()
    );
    monitor.wait_for(|report| phase(report) == "away" && !report["alarms"].to_string().contains("refused"));
    assert_eq!(chosen(&fake), BETA);
}

#[test]
fn a_daemon_that_takes_its_time() {
    let (fake, monitor) = settled(&scenario("slow"));
    monitor.wait_for(|report| phase(report) == "away");
    assert_eq!((chosen(&fake).as_str(), changes(&fake)), (BETA, 1));
}
