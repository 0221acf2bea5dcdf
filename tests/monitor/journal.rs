//! What it says to the journal.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::{phase, set_alive, tailnet};
use crate::support::monitor::{Monitor, hasty_settings};

/// A record, by its fields; none of those that are expected has more than one line.
fn record(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let fields = text.lines().filter_map(|line| line.split_once('='));
    fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// As systemd tells a process that its standard error leads to the journal.
fn read_by_journal(monitor: &mut Monitor) {
    std::fs::write(monitor.path("said"), "").expect("it is ours");
    let about = std::fs::metadata(monitor.path("said")).expect("it is there");
    monitor.set_variable("JOURNAL_STREAM", format!("{}:{}", about.dev(), about.ino()));
}

#[test]
fn moves_and_alarms_are_records_with_fields_of_their_own() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &hasty_settings()).with(&["--journal", "journal"]);
    let journald = UnixDatagram::bind(monitor.path("journal")).expect("a socket");
    journald
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time");
    read_by_journal(&mut monitor);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(&fake, "gamma", false);
    let next = |kind: &str| loop {
        let mut bytes = [0; 4_096];
        let length = journald.recv(&mut bytes).expect("it comes");
        let record = record(&bytes[..length]);
        assert_eq!(record["SYSLOG_IDENTIFIER"], "tsctl");
        if record.get("TAILWRIGHT_KIND").is_some_and(|found| found == kind) {
            return record;
        }
    };
    let moved = next("moved");
    assert_eq!(
        moved["MESSAGE"],
        "exit node beta is in force instead of exit node gamma"
    );
    assert_eq!(moved["PRIORITY"], "5");
    assert_eq!(moved["TAILWRIGHT_SUBJECT"], "exit node");
    assert_eq!(moved["TAILWRIGHT_FROM"], "exit node gamma");
    assert_eq!(moved["TAILWRIGHT_TO"], "exit node beta");
    let away = next("alarm");
    assert_eq!(away["PRIORITY"], "4");
    assert!(away.contains_key("TAILWRIGHT_ALARM"), "{away:?}");
    set_alive(&fake, "gamma", true);
    next("over");
    assert_eq!(monitor.said(), "", "nothing is said twice");
}

#[test]
fn without_a_journal_it_writes_lines_with_priorities() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &hasty_settings()).with(&["--journal", "no-such-socket"]);
    read_by_journal(&mut monitor);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| {
        monitor
            .said()
            .contains("<5>exit node beta is in force instead of exit node gamma")
    });
}

/// It is started by hand, in a terminal that a service has opened.
#[test]
fn a_terminal_is_not_the_journal() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &hasty_settings()).with(&["--journal", "journal"]);
    let _journald = UnixDatagram::bind(monitor.path("journal")).expect("a socket");
    monitor.set_variable("JOURNAL_STREAM", "8:1");
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| {
        monitor
            .said()
            .contains("\nexit node beta is in force instead of exit node gamma")
    });
}
