//! What is wrong with the settings, and what may be done while it runs.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{phase, tailnet};
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::run::{Ended, Place, TSCTL};

fn check(text: &str) -> Ended {
    let place = Place::new().with("settings.json", text);
    let mut command = place.command(TSCTL);
    Ended::of(command.args(["monitor", "--check-config", "settings.json"]))
}

#[test]
fn settings_are_checked_without_running() {
    check(&hasty_settings().to_string())
        .status(0)
        .out("settings.json: the monitor runs with these settings\n")
        .err("");
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut settings = hasty_settings();
        change(&mut settings);
        settings.to_string()
    };
    for (text, said) in [
        (wrong(&|settings| settings["version"] = 7.into()), "version 7"),
        (
            wrong(&|settings| settings["failover"]["eager"] = 1.into()),
            "unknown field `eager`",
        ),
        (
            wrong(&|settings| settings["failureThreshold"] = 0.into()),
            "failureThreshold",
        ),
        (wrong(&|settings| settings["exitNode"] = json!("-x")), "line 1"),
        ("{".to_owned(), "line 1"),
    ] {
        let ended = check(&text);
        ended.status(1).out("");
        let error = ended.stderr();
        assert!(
            error.starts_with("tsctl: settings.json: ") && error.contains(said),
            "{error}"
        );
    }
    let place = Place::new();
    let mut command = place.command(TSCTL);
    let missing = Ended::of(command.args(["monitor", "--check-config", "none.json"]));
    missing
        .status(74)
        .err("tsctl: there is no none.json, which a rendered host has. To read another: tsctl monitor --config FILE\n");
}

#[test]
fn whether_settings_are_good_is_said_as_data_too() {
    let checked = |text: &str, status: i32| {
        let place = Place::new().with("settings.json", text);
        let mut command = place.command(TSCTL);
        let ended = Ended::of(command.args(["monitor", "--check-config", "settings.json", "--json"]));
        ended.status(status).err("").json("check-config.json")
    };
    assert_eq!(
        checked(&hasty_settings().to_string(), 0),
        json!({"file": "settings.json", "good": true, "trouble": null})
    );
    let bad = checked("{", 1);
    assert_eq!(bad["good"], false);
    assert!(
        bad["trouble"].as_str().is_some_and(|why| why.contains("line 1")),
        "{bad}"
    );
    // What only looks is shown so; the monitor itself is not.
    let place = Place::new();
    for wrong in [&["--json"][..], &["--watch"], &["--check-config", "x", "--watch"]] {
        Ended::of(place.command(TSCTL).arg("monitor").args(wrong)).status(64);
    }
}

/// What every profile of the examples renders is what this program reads.
#[test]
fn it_reads_what_the_compiler_writes() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = 0;
    for (path, text) in crate::support::run::files(&root) {
        let Some((_, json)) = text.split_once("name = \"tsctl.json\";\n    text = ''\n") else {
            continue;
        };
        let json = json.split("''").next().expect("its end");
        check(json).status(0).err("");
        found += 1;
        assert!(!path.is_empty());
    }
    assert!(found > 0, "there are settings among the golden files");
}

#[test]
fn what_the_host_has_in_hosts_is_read_again_as_well() {
    let fake = tailnet();
    let mut settings = hasty_settings();
    settings["failover"]["lanServices"] = json!({
        "db": {"tailnetAddress": "nas", "lanAddress": "192.168.15.5", "port": 5432},
    });
    let monitor = Monitor::start(fake.socket(), &settings);
    let hosts = || std::fs::read_to_string(monitor.path("run/hosts")).unwrap_or_default();
    std::fs::write(monitor.path("hosts-base"), "127.0.0.1 localhost\n").expect("it is ours");
    monitor.signal(Signal::HUP);
    monitor.wait_until(|| hosts().starts_with("127.0.0.1 localhost\n"));
}

#[test]
fn settings_are_read_again_and_bad_ones_are_not() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    let mut settings = hasty_settings();
    settings["checkInterval"] = "250ms".into();
    monitor.write_settings(&settings);
    monitor.signal(Signal::HUP);
    monitor.wait_for(|report| report["checkInterval"] == "250ms");
    settings["checkInterval"] = "300ms".into();
    settings["unknown"] = true.into();
    monitor.write_settings(&settings);
    monitor.signal(Signal::HUP);
    monitor.wait_until(|| monitor.said().contains("the settings stay as they were"));
    let said = monitor.said();
    assert!(said.contains("unknown field `unknown`"), "{said}");
    monitor.wait_for(|report| report["checkInterval"] == "250ms");
}

#[test]
fn it_does_not_start_with_bad_settings() {
    let fake = tailnet();
    let monitor = Monitor::new(fake.socket(), &json!({"version": 1}));
    let ended = Ended::of(&mut monitor.command());
    ended.status(1);
    assert!(ended.stderr().contains("missing field"), "{}", ended.stderr());
}
