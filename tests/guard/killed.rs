//! tsctl is killed at every step, by itself or with its terminal, and so is a guardian: the old rules come back.

use std::process::Child;
use std::time::{Duration, Instant};

use super::slot::{Host, Slot, wait, wait_past_deadline};

const LATE: &str = "kill -9 $PPID; cp \"$2\" \"$SLOT/read\"; sleep 5.5; \"$REAL\" --file \"$SLOT/read\"; echo >\"$SLOT/loaded-late\"; exit";

/// What becomes of tsctl and of the nft that it has just started.
const MODES: [(&str, &str); 4] = [
    ("before", "kill -9 $PPID; exec \"$REAL\" \"$@\""),
    ("instead", "kill -9 $PPID; exit 1"),
    ("after", "\"$REAL\" \"$@\"; kill -9 $PPID; exit 0"),
    // nft outlives both tsctl and the deadline: it loads what it has read when the old rules are back already.
    ("late", LATE),
];

/// check, list tables, list table, check the former, load; then a guardian's restore.
const CALLS: usize = 6;

#[test]
fn with_each_nft_that_it_starts() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let mut all = Vec::new();
    let start = Instant::now();
    for call in 1..=CALLS {
        for (mode, act) in MODES {
            let slot = host.slot(&format!("call{call}-{mode}"));
            slot.nft_at_call(call, act);
            let old = slot.live();
            let child = slot.script("exec \"$@\"", &slot.apply("4s"));
            all.push((call, mode, slot, old, child));
        }
    }
    let mut seen_new = 0;
    for (call, mode, slot, _, child) in &mut all {
        let ended = child.wait().expect("it ended");
        if *call < CALLS {
            assert!(!ended.success(), "{call} {mode}: killed, and nsenter tells");
        } else {
            assert!(ended.success(), "{call} {mode}");
        }
        seen_new += usize::from(slot.is_live("new"));
    }
    assert!(seen_new >= 2, "the new rules were live in {seen_new}");
    wait_past_deadline(start);
    for (call, mode, slot, old, _) in &all {
        if (*call, *mode) == (5, "late") {
            wait("it is loaded late", || slot.directory.join("loaded-late").exists());
        }
        let last = slot.settle()["last"].clone();
        assert_eq!(slot.live(), *old, "{call} {mode}");
        if *call < 5 {
            assert!(
                last.is_null() && slot.nft_calls() == *call,
                "{call} {mode}: nothing was loaded, {last}"
            );
        } else {
            assert_eq!(last["outcome"], "reverted", "{call} {mode}: {last}");
        }
        // What is loaded late is followed by another restore, and who is killed while restoring by somebody else.
        let calls = slot.nft_calls();
        if (*call == 5 && *mode == "late") || *call == CALLS {
            assert!(calls > CALLS, "{call} {mode}: {calls} calls");
        }
    }
    assert_eq!(host.foreign(), foreign);
}

/// When tsctl is killed: as soon as this is there.
const STEPS: [&str; 8] = [
    "staged-*",
    "staged-*/new.nft",
    "staged-*/former.nft",
    "staged-*/change.json",
    "staged-*/guardian-1",
    "current",
    "armed-*",
    "loaded-*",
];

/// Waits in the shell until `$STATE/$1` is there (which may be a pattern), or the process `$p` is gone.
const UNTIL: &str =
    "there() { [ -e \"$1\" ]; }; until_there() { while kill -0 $p && ! eval there \"$STATE/$1\"; do :; done; }; ";

#[test]
fn as_soon_as_each_step_is_done() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let all = run_all(&host, STEPS.len(), |number, slot| {
        let step = STEPS[number];
        let script = format!("{UNTIL}\"$@\" & p=$!; until_there '{step}'; kill -9 $p && echo >$SLOT/killed; wait $p");
        slot.script(&script, &slot.apply("4s"))
    });
    assert_eq!(host.foreign(), foreign);
    let killed = all.iter().filter(|slot| slot.directory.join("killed").exists()).count();
    let reverted = all.iter().filter(|slot| slot.is_in("reverted")).count();
    assert!(
        killed >= 5 && reverted >= 2,
        "{killed} killed, {reverted} had begun to load"
    );
}

#[test]
fn at_any_time() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    run_all(&host, 24, |number, slot| {
        let script = format!("\"$@\" & p=$!; sleep 0.{:03}; kill -9 $p; wait $p", number * 25);
        slot.script(&script, &slot.apply("4s"))
    });
    assert_eq!(host.foreign(), foreign);
}

/// Starts something in each of many slots, and looks that the old rules are live after the deadline.
fn run_all(host: &Host, count: usize, begin: impl Fn(usize, &Slot<'_>) -> Child) -> Vec<Slot<'_>> {
    let all: Vec<_> = (0..count)
        .map(|number| {
            let slot = host.slot(&format!("slot{number}"));
            let old = slot.live();
            (slot, old)
        })
        .collect();
    let start = Instant::now();
    let mut children: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(number, (slot, _))| begin(number, slot))
        .collect();
    for child in &mut children {
        child.wait().expect("it ended");
    }
    wait_past_deadline(start);
    all.into_iter()
        .map(|(slot, old)| {
            slot.settle();
            assert_eq!(slot.live(), old, "{}", slot.table);
            slot
        })
        .collect()
}

#[test]
fn with_its_terminal() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    // Call 5 loads: there it dawdles, so that the terminal dies before the rules are loaded, or under them.
    let dawdling = [":", "sleep 0.6", "trap '' HUP; sleep 0.6"];
    let until = ["loaded-*", "armed-*", "armed-*"];
    let all = run_all(&host, dawdling.len(), |number, slot| {
        slot.nft_at_call(5, dawdling[number]);
        // script(1) holds the terminal; the shell inside is its session's leader and leaves a note when it is hung up.
        let inside = "trap \"echo yes >$SLOT/hung-up; exit\" HUP; ";
        let inside = format!("{inside}{}; sleep 60 & wait", slot.apply("4s").join(" "));
        let script = format!(
            "{UNTIL}script --quiet --flush --command \"$1\" /dev/null & p=$!; until_there '{}'; sleep 0.1; kill -9 $p; wait $p",
            until[number]
        );
        slot.script(&script, &[inside])
    });
    for slot in &all {
        assert!(
            slot.directory.join("hung-up").is_file(),
            "{}: the terminal died",
            slot.table
        );
        assert!(slot.is_in("reverted"), "{}", slot.table);
    }
    assert_eq!(host.foreign(), foreign);
}

#[test]
fn all_the_processes_of_its_session_and_group_at_once() {
    let Some(host) = Host::new() else { return };
    let all = run_all(&host, 1, |_, slot| {
        let script = "setsid sh -c '\"$@\"; kill -KILL -$$; echo >\"$SLOT/survived\"' session \"$@\" & wait";
        slot.script(script, &slot.apply("4s"))
    });
    assert!(all[0].is_in("reverted") && !all[0].directory.join("survived").exists());
}

#[test]
fn a_guardian_of_two_while_it_waits() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let all = run_all(&host, 2, |number, slot| {
        let script = format!("\"$@\"; kill -9 $(cat $STATE/loaded-*/guardian-{})", number + 1);
        slot.script(&script, &slot.apply("4s"))
    });
    assert!(all.iter().all(|slot| slot.is_in("reverted")));
    assert_eq!(host.foreign(), foreign);
}

#[test]
fn a_revert_that_is_killed_is_ended_by_the_guardians_long_before_the_deadline() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("interrupted");
    let old = slot.live();
    slot.nft_at_call(6, "kill -9 $PPID; exit 1");
    assert_eq!(slot.status(&slot.apply("1h")), 0);
    assert!(slot.is_live("new"));
    let start = Instant::now();
    assert_ne!(slot.status(&slot.tsctl(&["revert"])), 0, "killed");
    slot.settle();
    assert_eq!(slot.live(), old);
    assert!(start.elapsed() < Duration::from_mins(1));
}
