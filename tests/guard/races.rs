//! Two at once.

use std::process::Child;
use std::time::{Duration, Instant};

use super::slot::{CONFIRM, Host, said, wait, wait_past_deadline};

#[test]
fn of_two_changes_one_begins() {
    let Some(host) = Host::new() else { return };
    let start = Instant::now();
    let slots: Vec<_> = (0..6).map(|number| host.slot(&format!("pair{number}"))).collect();
    let mut pairs: Vec<[Child; 2]> = slots
        .iter()
        .map(|slot| [(); 2].map(|()| slot.script("exec \"$@\"", &slot.apply("4s"))))
        .collect();
    for pair in &mut pairs {
        let mut statuses = pair.each_mut().map(|child| child.wait().expect("it ended").code());
        statuses.sort();
        assert_eq!(statuses, [Some(0), Some(1)]);
    }
    wait_past_deadline(start);
    for slot in &slots {
        assert_eq!(slot.settle()["last"]["outcome"], "reverted");
        assert!(slot.is_live("old"));
    }
}

#[test]
fn what_confirm_says_at_the_deadline_is_what_happened() {
    let Some(host) = Host::new() else { return };
    let slots: Vec<_> = (0..16).map(|number| host.slot(&format!("race{number}"))).collect();
    let start = Instant::now();
    let mut children: Vec<_> = slots
        .iter()
        .enumerate()
        .map(|(number, slot)| {
            // From a second before the deadline to an eighth after it: the change says itself when that is.
            let script = format!(
                "\"$@\" || exit 9; ms=$(sed -n 's/.*\"deadline\": *\\([0-9]*\\).*/\\1/p' $STATE/loaded-*/change.json); \
                 while read -r up rest </proc/uptime; [ $(echo $up | tr -d .)0 -lt $(($ms - 1000 + {number} * 75)) ]; do :; done; \
                 '{}' firewall --state-dir $STATE confirm",
                super::slot::TSCTL
            );
            slot.script(&script, &slot.apply("4s"))
        })
        .collect();
    let confirmed: Vec<bool> = children
        .iter_mut()
        .map(|child| match child.wait().expect("it ended").code() {
            Some(0) => true,
            Some(1) => false,
            other => panic!("{other:?}"),
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    for (slot, confirmed) in slots.iter().zip(&confirmed) {
        let outcome = if *confirmed { "confirmed" } else { "reverted" };
        assert_eq!(slot.settle()["last"]["outcome"], outcome);
        assert_eq!(slot.is_live("new"), *confirmed);
    }
    assert!(start.elapsed() >= CONFIRM);
    assert!(confirmed[0], "a second before the deadline is in time");
}

#[test]
fn who_waits_is_told_how_it_is_decided() {
    let Some(host) = Host::new() else { return };
    for (decision, time, expected) in [("confirm", "1h", 0), ("revert", "1h", 1), ("", "4s", 1)] {
        let slot = host.slot(&format!("waits{decision}"));
        let mut words = slot.apply(time);
        words.push("--wait".to_owned());
        let mut waiting = slot.script("exec \"$@\"", &words);
        if !decision.is_empty() {
            wait("it is loaded", || slot.is_in("loaded"));
            assert_eq!(waiting.try_wait().unwrap(), None);
            assert_eq!(slot.status(&slot.tsctl(&[decision])), 0);
        }
        assert_eq!(waiting.wait().unwrap().code(), Some(expected), "{decision}");
        assert_eq!(slot.is_live("new"), expected == 0);
    }
}

#[test]
fn rules_that_load_after_the_deadline_do_not_stay() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("stuck");
    let old = slot.live();
    slot.nft_at_call(
        5,
        "cp \"$2\" \"$SLOT/read\"; sleep 5.5; exec \"$REAL\" --file \"$SLOT/read\"",
    );
    let output = slot.run(&slot.apply("4s"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("before the new ones were loaded"),
        "{}",
        said(&output)
    );
    slot.settle();
    assert_eq!(slot.live(), old);
    assert!(
        slot.nft_calls() >= 7,
        "restored at the deadline, and again after the load"
    );
}

#[test]
fn nothing_begins_while_former_rules_are_being_put_back() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("restoring");
    let old = slot.live();
    slot.nft_at_call(6, "sleep 5");
    assert_eq!(slot.status(&slot.apply("1h")), 0);
    let mut revert = slot.script("exec \"$@\"", &slot.tsctl(&["revert"]));
    wait("it restores", || slot.nft_calls() >= 6);
    for words in [slot.apply("4s"), slot.tsctl(&["confirm"])] {
        let output = slot.run(&words);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    }
    assert!(revert.wait().unwrap().success());
    assert_eq!(slot.live(), old);
    slot.settle();
}

#[test]
fn a_load_that_fails_leaves_the_former_rules() {
    let Some(host) = Host::new() else { return };
    // Told as a failure, whether it happened or not.
    for (name, act) in [
        ("refused", "echo no >&2; exit 1"),
        ("lost", "\"$REAL\" \"$@\"; echo no >&2; exit 1"),
    ] {
        let slot = host.slot(name);
        let old = slot.live();
        slot.nft_at_call(5, act);
        let output = slot.run(&slot.apply("4s"));
        assert_eq!(output.status.code(), Some(74), "{}", said(&output));
        assert!(
            said(&output).contains("the former rules are live. It said:\nno"),
            "{}",
            said(&output)
        );
        assert_eq!(slot.live(), old);
        assert_eq!(slot.settle()["last"]["reason"], "load-failed");
    }
}
