//! `tsctl why` and `tsctl monitor-logs` as processes.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::json_schema::assert_valid;
use crate::support::run::{Ended, Place, TSCTL, watched};

/// 2026-11-20T02:12:05Z.
const AT: u64 = 1_795_140_725_000;

/// A decision log: a move that was made, and a pause.
fn log() -> String {
    let lines = [
        json!({ "at": AT, "what": { "move": {
            "token": 1,
            "from": { "exit-node": { "node": "gate" } },
            "to": { "exit-node": { "node": "spare" } },
            "why": { "failing": { "level": "down", "since": AT - 95_000, "bad": 3, "fault": { "no-answer": { "waited": 5000 } } } },
            "considered": [
                { "setting": { "exit-node": "off" }, "level": "unknown", "unfit": "only-way-in" },
            ],
            "layers": [{ "exit-node": "gate" }],
        } } }),
        json!({ "at": AT + 180, "what": { "moved": {
            "token": 1,
            "from": { "exit-node": { "node": "gate" } },
            "to": { "exit-node": { "node": "spare" } },
        } } }),
        json!({ "at": AT + 60_000, "what": { "paused": { "until": AT + 120_000 } } }),
    ];
    lines.map(|line| line.to_string()).join("\n") + "\n"
}

fn why(place: &Place, arguments: &[&str]) -> Ended {
    let mut command = place.command(TSCTL);
    command.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3").arg("why");
    Ended::of(command.arg("--state-dir").arg(place.path("state")).args(arguments))
}

#[test]
fn it_says_why_in_the_time_of_the_place() {
    let place = Place::new().with("state/decisions.jsonl", log());
    let said = why(&place, &["--at", "2026-11-20 03:12"]);
    said.status(0);
    let text = said.stdout();
    assert!(text.starts_with("2026-11-20 03:12:05 +01:00 ("), "{text}");
    for expected in [
        "from exit node gate to exit node spare",
        "3 bad checks in a row",
        "after 180 ms",
        "it would close the only way in",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn as_data_it_follows_its_schema() {
    let place = Place::new().with("state/decisions.jsonl", log());
    let seen = why(&place, &["--json", "--at", "2026-11-20T02:12:00Z"])
        .status(0)
        .json("why.json");
    assert_eq!(seen["asked"], "2026-11-20T02:12:00Z");
    let decision = &seen["decisions"][0];
    assert_eq!(
        (&decision["kind"], &decision["subject"]),
        (&json!("move"), &json!("exit-node"))
    );
    assert_eq!(
        (&decision["end"]["tookMillis"], &decision["end"]["done"]),
        (&json!(180), &json!(true))
    );
    assert_eq!(decision["measured"]["badInARow"], 3);
    let all = why(&place, &["--json", "--since", "365d"]).status(0).json("why.json");
    assert_eq!(all["decisions"].as_array().map(Vec::len), Some(2));
    let none = why(&Place::new(), &["--json"]).status(3).json("why.json");
    assert_eq!(none["reasons"][0]["command"], "systemctl status tailwright-monitor");
}

#[test]
fn it_is_watched() {
    let place = Place::new().with("state/decisions.jsonl", log());
    let mut command = place.command(TSCTL);
    command.args([
        "why",
        "--json",
        "--watch=100ms",
        "--at",
        "2026-11-20T02:12:00Z",
        "--state-dir",
    ]);
    let seen = watched(command.arg(place.path("state")), 2);
    for seen in &seen {
        assert_valid(seen, "why.json");
        assert_eq!(seen["decisions"].as_array().map(Vec::len), Some(1), "{seen:#}");
    }
}

#[test]
fn what_is_typed_wrong_is_said() {
    let place = Place::new();
    for arguments in [&["--at", "noon"][..], &["--since", "1"], &["-n", "0"], &["03:12"]] {
        let ended = why(&place, arguments);
        ended.status(64);
        assert!(!ended.stderr().is_empty() && ended.stdout().is_empty());
    }
}

/// A journalctl that says how it was called.
fn journalctl(place: &Place, status: i32) -> std::path::PathBuf {
    let script = place.write(
        "bin/journalctl",
        format!("#!/bin/sh\nfor word; do echo \"$word\"; done\nexit {status}\n"),
    );
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    place.path("bin")
}

#[test]
fn the_journal_is_asked_with_what_was_typed() {
    let place = Place::new();
    let bin = journalctl(&place, 0);
    let mut command = place.command(TSCTL);
    command.env("PATH", format!("{}:/bin:/usr/bin", bin.display()));
    Ended::of(command.args(["monitor-logs", "-n", "7", "--since", "2h"]))
        .status(0)
        .out("--unit=tailwright-monitor.service\n--output=short-iso\n--no-hostname\n--lines=7\n--since=-2h\n--no-pager\n");
    journalctl(&place, 1);
    let mut command = place.command(TSCTL);
    command.env("PATH", format!("{}:/bin:/usr/bin", bin.display()));
    Ended::of(command.arg("monitor-logs")).status(74);
}

fn program(place: &Place, text: &str) -> String {
    let script = place.write("bin/journalctl", format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    format!("{}:/bin:/usr/bin", place.path("bin").display())
}

#[test]
fn the_journal_is_shown_as_data_and_watched() {
    let place = Place::new();
    let entry = |text: &str| json!({"__REALTIME_TIMESTAMP": "1795140725123456", "PRIORITY": "5", "MESSAGE": text});
    let path = program(
        &place,
        &format!(
            "case \"$*\" in *--output=json*) echo '{}'; echo '{}';; *) echo one;; esac",
            entry("one"),
            entry("two")
        ),
    );
    let logs = || {
        let mut command = place.command(TSCTL);
        command.env("PATH", &path).arg("monitor-logs");
        command
    };
    let ended = Ended::of(logs().arg("--json"));
    let said = ended.status(0).err("").json("monitor-logs.json");
    assert_eq!(
        (&said["source"], &said["lines"][1]),
        (
            &json!("journal"),
            &json!({"at": "2026-11-20T02:12:05Z", "priority": 5, "text": "two"})
        )
    );
    for seen in watched(logs().args(["--json", "--watch=100ms"]), 2) {
        assert_valid(&seen, "monitor-logs.json");
        assert_eq!(seen["lines"][0]["text"], "one");
    }
    Ended::of(logs().args(["--json", "--follow"])).status(64);
}

/// journalctl shows a user who may not read the journal nothing, and ends well.
#[test]
fn who_may_not_read_the_journal_is_told_what_to_type() {
    let place = Place::new();
    let hint = "Hint: You are currently not seeing messages from other users and the system.";
    let none = "No journal files were opened due to insufficient permissions.";
    for (said, status) in [(hint, 0), (none, 1)] {
        let path = program(
            &place,
            &format!("echo '{said}' >&2; echo '-- No entries --'; exit {status}"),
        );
        for arguments in [&[][..], &["--json"], &["--follow"]] {
            let mut command = place.command(TSCTL);
            command.env("PATH", &path).arg("monitor-logs").args(arguments);
            let ended = Ended::of(&mut command);
            let out = ended.status(3).stdout();
            assert!(out.contains("sudo tsctl monitor-logs"), "{out}");
            assert!(!out.contains("No entries"), "{out}");
        }
    }
}

/// journalctl itself says so with words that look like a line, and ends well.
#[test]
fn a_journal_with_nothing_of_the_monitor_cannot_tell() {
    let place = Place::new();
    let script = "#!/bin/sh\necho '-- No entries --'\n";
    let script = place.write("bin/journalctl", script);
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let logs = |arguments: &[&str]| {
        let mut command = place.command(TSCTL);
        command.env("PATH", format!("{}:/bin:/usr/bin", place.path("bin").display()));
        Ended::of(command.arg("monitor-logs").args(arguments))
    };
    let expected = "  ! the journal has nothing that the monitor said\n      systemctl status tailwright-monitor\n";
    logs(&[]).status(3).out(expected).err("");
    assert_eq!(
        logs(&["--json"]).status(3).json("monitor-logs.json")["state"],
        "cannotTell"
    );
    // What is waited for may come.
    logs(&["--follow"]).status(0).out("-- No entries --\n");
}

#[test]
fn the_decisions_alone_are_a_line_each() {
    let place = Place::new().with("state/decisions.jsonl", log());
    let mut command = place.command(TSCTL);
    command
        .env("TZ", "UTC0")
        .args(["monitor-logs", "--decisions", "-n", "2", "--state-dir"]);
    Ended::of(command.arg(place.path("state"))).status(0).out(
        "2026-11-20 02:12:05 +00:00 exit node spare is in force instead of exit node gate\n\
         2026-11-20 02:13:05 +00:00 moves are paused\n",
    );
    let mut command = place.command(TSCTL);
    command.args(["monitor-logs", "--decisions", "--json", "--state-dir"]);
    let ended = Ended::of(command.arg(place.path("state")));
    let said = ended.status(0).json("monitor-logs.json");
    assert_eq!(
        (&said["source"], said["lines"].as_array().map(Vec::len)),
        (&json!("decisions"), Some(3))
    );
    // Where there is no log, nothing can be told.
    let mut command = place.command(TSCTL);
    command.args(["monitor-logs", "--decisions", "--json", "--state-dir"]);
    let ended = Ended::of(command.arg(place.path("none")));
    assert_eq!(ended.status(3).json("monitor-logs.json")["state"], "cannotTell");
}
