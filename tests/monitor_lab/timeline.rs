//! One failure from its beginning to its end, as `docs/failover.md` tells it.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tailwright::monitor::failover::Phase;

use super::scenario::{MANY, with};
use crate::support::tailnet::{GATE, Lab, Monitor, SPARE, until};

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/failover.md");
const BEGIN: &str = "<!-- The timeline: written by the tests, SNAPSHOTS=overwrite. -->\n";
const END: &str = "<!-- End of the timeline. -->\n";

/// A busy machine may be late by so much.
const LATE: f64 = 15.0;

/// Where pages are asked for.
const SERVER: &str = "a web server";

/// A row of the table: when, in seconds, where, and what.
type Row = (f64, String, String);

/// Something that was seen: when, in milliseconds since 1970, where, and what.
type Seen = (u128, &'static str, String);

#[test]
fn the_timeline_is_that_of_the_documentation() {
    let Some(lab) = Lab::new() else { return };
    let rows = happens(&lab);
    let doc = std::fs::read_to_string(DOC).expect("the page");
    let (before, rest) = doc.split_once(BEGIN).expect("the place where the timeline begins");
    let (written, after) = rest.split_once(END).expect("the place where it ends");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        let mut table = "\n| seconds | where | what |\n|---:|---|---|\n".to_owned();
        for (at, place, what) in &rows {
            let _ = writeln!(table, "| {at:.1} | {place} | {what} |");
        }
        std::fs::write(DOC, format!("{before}{BEGIN}{table}\n{END}{after}")).expect("the page");
        return;
    }
    let written: Vec<Row> = written
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').splitn(3, '|').map(str::trim).collect();
            let [at, place, what] = cells.as_slice() else {
                return None;
            };
            Some((at.parse().ok()?, (*place).to_owned(), (*what).to_owned()))
        })
        .collect();
    for place in ["gate", "decision log", "tailscaled"] {
        let at = |rows: &[Row]| -> Vec<(f64, String)> {
            let rows = rows.iter().filter(|(_, seen, _)| seen == place);
            rows.map(|(at, _, what)| (*at, without_digits(what))).collect()
        };
        let (seen, written) = (at(&rows), at(&written));
        let whats = |rows: &[(f64, String)]| -> Vec<String> { rows.iter().map(|(_, what)| what.clone()).collect() };
        assert_eq!(
            whats(&seen),
            whats(&written),
            "docs/failover.md tells another story; SNAPSHOTS=overwrite writes it anew"
        );
        for ((at, what), (written, _)) in seen.iter().zip(&written) {
            assert!(
                (at - written).abs() < LATE,
                "{what}: at {at:.1} s, and {written} s is written"
            );
        }
    }
    // How often a page was asked for in vain depends on the machine.
    let visits: Vec<&str> = rows
        .iter()
        .filter(|row| row.1 == SERVER)
        .map(|row| row.2.as_str())
        .collect();
    assert!(visits.contains(&"is reached through spare"), "{visits:?}");
    assert_eq!(visits.last(), Some(&"is reached through gate"));
}

/// gate forwards nothing and answers pings. What was done, decided, and seen on the wire, in seconds since the fault.
fn happens(lab: &Lab) -> Vec<Row> {
    let mut seen: Vec<Seen> = Vec::new();
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    let begin = now();
    let ends = AtomicBool::new(false);
    let visited = std::thread::scope(|scope| {
        let visitor = scope.spawn(|| visit(lab, &ends));
        lab.faults().forward_nothing("gate");
        seen.push((
            begin,
            "gate",
            "forwards nothing any more, and still answers pings".to_owned(),
        ));
        until("it has been tried again", || (lab.moves().len() >= 3).then_some(()));
        monitor.until_phase(Phase::Trial);
        seen.push((now(), "gate", "forwards again".to_owned()));
        lab.faults().forward("gate");
        monitor.until_phase(Phase::Home);
        monitor.measure(MANY);
        ends.store(true, Ordering::SeqCst);
        visitor.join().expect("it does not fail")
    });
    seen.extend(visited);
    for decision in monitor.decisions() {
        seen.push((
            u128::from(decision.at.as_millis()),
            "decision log",
            decision.what.to_string(),
        ));
    }
    for (at, name) in lab.moves() {
        seen.push((wall(at), "tailscaled", format!("is asked for {name}")));
    }
    seen.sort();
    let rows = seen.into_iter().filter(|(at, ..)| *at >= begin);
    rows.map(|(at, place, what)| {
        let since = u64::try_from(at - begin).expect("short");
        (Duration::from_millis(since).as_secs_f64(), place.to_owned(), what)
    })
    .collect()
}

/// Asks for a page again and again; each time that the answer is another one.
fn visit(lab: &Lab, ends: &AtomicBool) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut last = "reached through gate";
    while !ends.load(Ordering::SeqCst) {
        let what = match lab.visit() {
            Ok(from) if from == GATE.outside => "reached through gate",
            Ok(from) if from == SPARE.outside => "reached through spare",
            Ok(_) => "reached otherwise",
            Err(_) => "not reached within a second",
        };
        if what != last {
            seen.push((now(), SERVER, format!("is {what}")));
            last = what;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    seen
}

fn now() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_millis()
}

fn wall(at: Instant) -> u128 {
    now() - at.elapsed().as_millis()
}

/// Figures differ from run to run.
fn without_digits(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}
