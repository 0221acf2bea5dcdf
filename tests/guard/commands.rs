//! What the commands say and how they end, one after the other.

use std::process::Command;
use std::time::{Duration, Instant};

use super::slot::{Host, TSCTL, said, text_of, wait_past_deadline};
use crate::support::tool;

#[test]
fn what_is_not_confirmed_goes() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let (gone, absent, removed) = (host.slot("gone"), host.empty_slot("absent"), host.slot("removed"));
    let table = &removed.table;
    let removing = format!("add table inet {table}\ndelete table inet {table}\n");
    std::fs::write(removed.file(), removing).unwrap();
    let mut all = Vec::new();
    for slot in [&gone, &absent, &removed] {
        let (before, start) = (slot.live(), Instant::now());
        let output = slot.run(&slot.apply("4s"));
        let told = said(&output);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert_ne!(slot.live(), before, "{told}");
        for words in ["4 s from now", " confirm\n", " revert\n", "new connection", "Loaded."] {
            assert!(told.contains(words), "{words}: {told}");
        }
        all.push((slot, before, start));
    }
    for (slot, before, start) in &all {
        wait_past_deadline(*start);
        let last = &slot.settle()["last"];
        assert_eq!(slot.live(), *before);
        assert_eq!(
            (&last["outcome"], &last["reason"]),
            (&"reverted".into(), &"time-over".into())
        );
        assert_eq!(last["table"], *slot.table);
    }
    let late = gone.run(&gone.tsctl(&["confirm"]));
    assert_eq!(late.status.code(), Some(1));
    assert!(said(&late).contains("was taken back"), "{}", said(&late));
    assert_eq!(host.foreign(), foreign);
}

#[test]
fn what_is_confirmed_stays() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("kept");
    let start = Instant::now();
    assert_eq!(slot.status(&slot.apply("4s")), 0);
    assert_eq!(slot.status(&slot.tsctl(&["confirm"])), 0);
    assert_eq!(slot.status(&slot.tsctl(&["confirm"])), 1, "only once");
    std::thread::sleep(Duration::from_millis(4_500).saturating_sub(start.elapsed()));
    assert!(slot.is_live("new"));
    let last = &slot.settle()["last"];
    assert_eq!(
        (&last["outcome"], &last["reason"]),
        (&"confirmed".into(), &"confirm-typed".into())
    );

    // The next change is as good as the first, and its state is all that is kept.
    let new = slot.live();
    std::fs::write(slot.file(), slot.rules("newer")).unwrap();
    assert_eq!(slot.status(&slot.apply("1h")), 0);
    assert!(slot.is_live("newer"));
    assert_eq!(std::fs::read_dir(slot.state()).unwrap().count(), 4);
    assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0);
    assert_eq!(slot.live(), new);
}

#[test]
fn a_change_that_waits_is_in_the_way_of_the_next() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("first");
    let old = slot.live();
    assert_eq!(slot.pending(), serde_json::json!({ "pending": null, "last": null }));
    assert_eq!(slot.status(&slot.apply("1h")), 0);
    std::fs::write(slot.file(), slot.rules("second")).unwrap();
    let second = slot.run(&slot.apply("4s"));
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("waits to be confirmed"), "{}", said(&second));
    assert!(slot.is_live("new"));

    assert_eq!(slot.status(&slot.tsctl(&["pending"])), 2);
    let waiting = slot.pending();
    assert_eq!(
        (&waiting["pending"]["phase"], &waiting["last"]),
        (&"loaded".into(), &().into())
    );
    let left = waiting["pending"]["remainingMillis"].as_u64().unwrap();
    assert!(left > 3_000_000 && left <= 3_600_000, "{waiting}");

    assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0);
    assert_eq!(slot.live(), old, "at once, and it is the oldest that comes back");
    assert_eq!(slot.status(&slot.tsctl(&["revert"])), 1, "only once");
    assert_eq!(slot.status(&slot.tsctl(&["confirm"])), 1);
    assert_eq!(slot.pending()["last"]["reason"], "revert-typed");
}

#[test]
fn it_says_what_it_will_do_before_it_does_it() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("announced");
    let out = slot.directory.join("out");
    // Its fifth call loads the new rules.
    slot.nft_at_call(5, "case \"$*\" in *--file*) cp \"$SLOT/out\" \"$SLOT/seen\" ;; esac");
    let script = "exec \"$@\" >\"$SLOT/out\" 2>&1";
    assert!(
        slot.script(script, &slot.apply("3s")).wait().unwrap().success(),
        "{}",
        text_of(&out)
    );
    let seen = text_of(&slot.directory.join("seen"));
    assert!(
        seen.contains(" confirm\n") && seen.contains(" revert\n") && !seen.contains("Loaded"),
        "{seen}"
    );
    assert!(text_of(&out).contains("Loaded"));
    assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0);

    // Where nobody can read what to type, nothing happens.
    let script = "exec \"$@\" >/dev/full 2>\"$SLOT/out\"";
    let mut child = slot.script(script, &slot.apply("4s"));
    assert_eq!(child.wait().unwrap().code(), Some(74), "{}", text_of(&out));
    assert!(slot.is_live("old") && !slot.is_in("staged") && !slot.is_in("armed"));
}

#[test]
fn what_the_former_rules_remember_comes_back() {
    let Some(host) = Host::new() else { return };
    let slot = host.empty_slot("remembers");
    let table = &slot.table;
    let load = format!(
        "table inet {table} {{\n set blocked {{\n type ipv4_addr\n flags timeout\n elements = {{ 192.0.2.9 timeout 1h expires \
         20m }}\n }}\n set bucket {{\n type ipv4_addr\n size 9\n flags dynamic,timeout\n timeout 1h\n }}\n chain input {{\n type \
         filter hook input priority 0\n update @bucket {{ ip saddr limit rate over 9/second }} drop\n counter packets 12345 \
         bytes 678900 ip saddr 192.0.2.9 comment \"old\"\n }}\n}}\n"
    );
    host.namespace.load(&load).expect("legal");
    // One packet puts an element into the dynamic set.
    host.namespace
        .must("/bin/bash", &["-c", "echo x >/dev/udp/127.0.0.1/9"]);
    let list = || host.namespace.must(&host.nft, &["list", "table", "inet", table]);
    let before = list();
    assert!(before.contains("127.0.0.1 limit rate over 9/second"), "{before}");
    assert_eq!(slot.status(&slot.apply("1h")), 0);
    assert!(slot.is_live("new"));
    assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0);
    let after = list();
    let but_seconds = |listing: &str| {
        listing
            .lines()
            .map(|line| line.split('m').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(but_seconds(&after), but_seconds(&before));
    assert!(after.contains("expires 19m"), "{after}");
}

#[test]
fn only_root_may_and_everybody_is_told_so() {
    // A user namespace without a mapping: root is nobody there.
    for words in [&["confirm"][..], &["revert"], &["pending"], &["apply", "/dev/null"]] {
        let mut command = Command::new("unshare");
        command.args(["--user", TSCTL, "firewall"]).args(words);
        let output = tool::run(&mut command);
        let told = said(&output);
        if words[0] == "apply" {
            // What is wrong with a file can be told to everybody.
            assert!(
                output.status.code() == Some(1) && told.contains("/dev/null: line 1"),
                "{told}"
            );
            continue;
        }
        assert_eq!(output.status.code(), Some(74), "{told}");
        assert!(told.contains(&format!("sudo tsctl firewall {}", words[0])), "{told}");
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    for words in [
        &["apply"][..],
        &["apply", "f", "--confirm", "30"],
        &["apply", "f", "--confirm", "0s"],
        &["apply", "f", "--confirm", "2h"],
        &["apply", "f", "--table", "a b"],
        &["confirm", "now"],
        &["guard", "../../etc"],
        &[],
    ] {
        let output = tool::run(Command::new(TSCTL).arg("firewall").args(words));
        assert_eq!(output.status.code(), Some(64), "{words:?}: {}", said(&output));
    }
}

#[test]
fn without_nft_nothing_happens() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("without");
    let mut words = vec!["/usr/bin/env".to_owned(), "PATH=/nonexistent".to_owned()];
    words.extend(slot.apply("1h"));
    let output = slot.run(&words);
    // A machine may have an nft where nft usually lies.
    if output.status.code() == Some(0) {
        assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0);
    } else {
        assert_eq!(output.status.code(), Some(74), "{}", said(&output));
        assert!(said(&output).contains("install nftables"), "{}", said(&output));
    }
    assert!(slot.is_live("old"));
}
