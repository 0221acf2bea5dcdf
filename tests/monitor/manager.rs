//! What systemd hears of it, and what it asks of it (`sd_notify(3)`).

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{exit_node, phase, set_alive, tailnet};
use crate::support::monitor::{Monitor, NotifySocket, hasty_settings};
use crate::support::tailscaled::Tailscaled;

/// One that systemd hears, and that runs.
fn heard(fake: &Tailscaled, settings: &serde_json::Value, variables: &[(&str, &str)]) -> (Monitor, NotifySocket) {
    let mut monitor = Monitor::new(fake.socket(), settings);
    let manager = NotifySocket::at(&monitor.path("notify"));
    monitor.set_variable("NOTIFY_SOCKET", monitor.path("notify"));
    for (name, value) in variables {
        monitor.set_variable(name, value);
    }
    monitor.start_again();
    (monitor, manager)
}

/// The longest time between two of these messages, as they come in.
fn longest_silence(manager: &NotifySocket, line: &str, watched: Duration) -> Duration {
    let begin = Instant::now();
    let (mut last, mut count, mut longest) = (begin, manager.count(line), Duration::ZERO);
    while begin.elapsed() < watched {
        let now_count = manager.count(line);
        if now_count > count {
            longest = longest.max(last.elapsed());
            (last, count) = (Instant::now(), now_count);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    longest.max(last.elapsed())
}

/// Also where nothing is to be done for much longer than the watchdog waits.
#[test]
fn the_watchdog_hears_it_in_time() {
    let fake = tailnet();
    let mut settings = hasty_settings();
    settings["checkInterval"] = "1h".into();
    let (mut monitor, manager) = heard(&fake, &settings, &[("WATCHDOG_USEC", "2100000")]);
    let silence = longest_silence(&manager, "WATCHDOG=1", Duration::from_secs(4));
    assert!(
        silence < Duration::from_millis(2100),
        "{silence:?}: systemd would have killed it"
    );
    monitor.stop();
}

#[test]
fn nobody_waits_for_the_watchdog_and_it_is_not_told() {
    let fake = tailnet();
    let (mut monitor, manager) = heard(&fake, &hasty_settings(), &[]);
    monitor.wait_for(|report| phase(report) == "home");
    monitor.stop();
    assert_eq!(manager.count("WATCHDOG=1"), 0, "{:?}", manager.messages());
    assert_eq!(manager.count("READY=1"), 1);
}

/// Between the two systemd says `reloading`, and `systemctl reload` waits.
#[test]
fn a_reload_is_told_when_it_begins_and_when_it_is_done() {
    let fake = tailnet();
    let (mut monitor, manager) = heard(&fake, &hasty_settings(), &[]);
    monitor.wait_for(|report| phase(report) == "home");
    let mut settings = hasty_settings();
    settings["exitNodes"] = serde_json::json!(["gamma", "delta"]);
    for (round, text) in [(1, settings.to_string()), (2, "{ nonsense".to_owned())] {
        std::fs::write(monitor.path("settings.json"), text).expect("it is ours");
        monitor.signal(Signal::HUP);
        monitor.wait_until(|| manager.count("READY=1") == round + 1);
        let messages = manager.messages();
        let begun = messages.iter().rposition(|message| message.contains("RELOADING=1"));
        let done = messages.iter().rposition(|message| message.contains("READY=1"));
        assert!(begun.is_some() && begun < done, "{messages:?}");
        let begun = &messages[begun.unwrap_or_default()];
        assert!(begun.contains("MONOTONIC_USEC="), "{begun}");
    }
    monitor.stop();
}

/// tailscaled has stopped answering in the middle of a move.
#[test]
fn it_ends_soon_although_tailscaled_does_not_answer() {
    let fake = tailnet();
    let (mut monitor, manager) = heard(&fake, &hasty_settings(), &[]);
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(&fake, "gamma", false);
    monitor.wait_for(|report| phase(report) == "away");
    fake.now("answer PATCH prefs silent");
    let start = Instant::now();
    monitor.signal(Signal::TERM);
    assert!(monitor.ended().success(), "{}", monitor.said());
    // What it waits for: the answer of tailscaled (5 s) and of systemctl (2 s); systemd would wait 90 s.
    let took = start.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert_eq!(
        manager.messages().last().map(|last| last.contains("STOPPING=1")),
        Some(true)
    );
    assert_eq!(exit_node(&fake), "beta", "it could not be put back");
    // The next one does it: what is on disk says that it is not done.
    fake.now("usual");
    set_alive(&fake, "gamma", true);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!(exit_node(&fake), "gamma");
}
