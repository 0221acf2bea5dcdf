//! Every phase and every event: where they lead, and what is done. The tables are part of `docs/failover.md`.
//!
//! A new event, a new layer or a new obstacle does not compile until it has a name in `kinds.rs`, and fails until some row
//! sends it, or some machine meets it.

mod bench;
mod columns;
mod kinds;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write;

use tailwright::monitor::failover::{Action, Answer, Phase, State};

use self::bench::Bench;
use self::columns::Column;
use self::rows::HAPPENINGS;

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/failover.md");
const BEGIN: &str = "<!-- The tables of transitions: written by the tests, SNAPSHOTS=overwrite. -->\n";
const END: &str = "<!-- End of the tables. -->\n";

/// What is done about it, without what is written down.
fn done(actions: &[Action]) -> String {
    let mut said: Vec<String> = Vec::new();
    for action in actions {
        let word = match action {
            Action::Save | Action::Record(_) => continue,
            Action::Apply(_, settings) => format!("set {}", settings[0].to_string().replace("exit node ", "")),
            Action::RestartDaemon(_) => "restart".to_owned(),
            Action::ReadSettings => "look".to_owned(),
            Action::Raise(_) => "tell".to_owned(),
            Action::Resolve(_) => "tell it is over".to_owned(),
            Action::Answer(answer) => match answer {
                Answer::Accepted => "yes".to_owned(),
                Answer::Already => "so already".to_owned(),
                Answer::Refused(_) => "no".to_owned(),
            },
            Action::Exit => "end".to_owned(),
        };
        if !said.contains(&word) {
            said.push(word);
        }
    }
    said.join(", ")
}

/// Where it leads, and what is done.
fn cell(column: &Column, happen: fn(&mut Bench)) -> String {
    let mut bench = column.bench.clone();
    happen(&mut bench);
    let then = bench.phase();
    let done = done(&bench.actions);
    match (then == column.phase, done.is_empty()) {
        (true, true) => "·".to_owned(),
        (true, false) => done,
        (false, true) => format!("**{then}**"),
        (false, false) => format!("**{then}**: {done}"),
    }
}

/// One table. Neighbours that lead to the same are one row, and those by which nothing happens anywhere the last one.
fn table(columns: &[Column]) -> String {
    let mut table = String::from("| what happens |");
    for column in columns {
        write!(table, " {} |", column.name).unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(columns.len()));
    table.push('\n');
    let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    let mut idle: Vec<&str> = Vec::new();
    for (name, happen) in HAPPENINGS {
        let cells: Vec<String> = columns.iter().map(|column| cell(column, *happen)).collect();
        if cells.iter().all(|cell| cell == "·") {
            idle.push(name);
            continue;
        }
        match rows.last_mut() {
            Some((names, same)) if *same == cells => names.push(name),
            _ => rows.push((vec![name], cells)),
        }
    }
    if !idle.is_empty() {
        rows.push((idle, vec!["·".to_owned(); columns.len()]));
    }
    for (names, cells) in rows {
        writeln!(table, "| {} | {} |", names.join("; "), cells.join(" | ")).unwrap();
    }
    table
}

fn tables() -> String {
    let mut text = String::new();
    for (title, columns) in columns::all() {
        write!(text, "\n{title}\n\n{}", table(&columns)).unwrap();
    }
    text.push('\n');
    text
}

#[test]
fn every_transition_is_as_documented() {
    let doc = std::fs::read_to_string(DOC).unwrap();
    let (before, rest) = doc.split_once(BEGIN).expect("the tables have their place");
    let (written, after) = rest.split_once(END).expect("and its end");
    let tables = tables();
    if written != tables && std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(DOC, format!("{before}{BEGIN}{tables}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, tables,
        "docs/failover.md is stale: SNAPSHOTS=overwrite writes it"
    );
}

/// Every event of every kind is sent to every machine of every table; each of them stays in order, and together they meet
/// every obstacle.
#[test]
fn every_event_is_sent_in_every_state() {
    let mut met = BTreeSet::new();
    for (title, columns) in columns::all() {
        for column in columns {
            let mut sent = BTreeSet::new();
            for (name, happen) in HAPPENINGS {
                let place = format!("{title}: {}: {name}", column.name);
                let mut bench = column.bench.clone();
                happen(&mut bench);
                assert!(Phase::ALL.contains(&bench.phase()), "{place}");
                assert!(bench.deadline.is_none_or(|deadline| deadline > bench.now), "{place}");
                let read = State::read(&bench.state.write()).unwrap();
                assert_eq!(read.write(), bench.state.write(), "{place}");
                sent.extend(bench.sent);
                met.extend(bench.met);
            }
            let missing: Vec<_> = kinds::EVENTS
                .iter()
                .copied()
                .flatten()
                .filter(|kind| !sent.contains(*kind))
                .collect();
            assert!(missing.is_empty(), "{title}: {}: no row sends {missing:?}", column.name);
        }
    }
    let missing: Vec<_> = kinds::OBSTACLES.iter().filter(|kind| !met.contains(*kind)).collect();
    assert!(missing.is_empty(), "no machine meets {missing:?}");
}
