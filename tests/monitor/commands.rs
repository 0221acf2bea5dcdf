//! `tsctl failover`.

use std::os::unix::process::CommandExt;

use super::{about_exit_node, exit_node, phase, set_alive, tailnet};
use crate::support::json_schema::assert_valid;
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::run::{Ended, TSCTL, watched};

#[test]
fn an_operator_switches_and_lets_it_decide_again() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    let ended = monitor.tsctl(&["failover", "switch", "beta.lab-tailnet.ts.net", "--for", "2h"]);
    ended.status(0).err("");
    let said = ended.stdout();
    assert!(
        said.contains("exit node beta is in force") && said.contains("(2 h)"),
        "{said}"
    );
    let report = monitor.wait_for(|report| phase(report) == "overridden");
    assert_eq!(about_exit_node(&report)["chosen"]["by"], "operator");
    assert_eq!(exit_node(&fake), "beta");
    let as_data = monitor.tsctl(&["failover", "switch", "beta", "--for", "1h", "--json"]);
    let done = as_data.status(0).json("failover-verb.json");
    assert_eq!(
        (&done["verb"], &done["moves"][0]["inForce"], done["until"].is_string()),
        (&"switch".into(), &"exit node beta".into(), true),
        "{done:#}"
    );
    let again = monitor.tsctl(&["failover", "switch", "beta"]);
    assert!(
        again
            .status(0)
            .stdout()
            .contains("exit node beta is in force until somebody resumes")
    );
    let restored = monitor.tsctl(&["failover", "restore", "--json"]);
    let done = restored.status(0).json("failover-verb.json");
    assert_eq!(
        (&done["changed"], &done["moves"][0]["insteadOf"]),
        (&true.into(), &"exit node beta".into()),
        "{done:#}"
    );
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!(exit_node(&fake), "gamma");
    monitor
        .tsctl(&["failover", "restore"])
        .status(0)
        .out("what the settings want is in force\n");
    monitor
        .tsctl(&["failover", "resume"])
        .status(0)
        .out("nothing is paused, and nobody chose what is in force\n");
}

#[test]
fn what_the_settings_do_not_list_is_not_switched_to() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    let ended = monitor.tsctl(&["failover", "switch", "delta"]);
    ended.status(1);
    let said = ended.stderr();
    assert!(
        said.contains("delta is not in the settings") && said.contains("gamma, beta"),
        "{said}"
    );
    monitor.tsctl(&["failover", "switch", "none"]).status(1);
    assert_eq!(exit_node(&fake), "gamma");
}

#[test]
fn moves_are_paused_and_resumed() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    let ended = monitor.tsctl(&["failover", "pause", "--for", "90m"]);
    let said = ended.status(0).stdout();
    assert!(
        said.contains("no moves are made until 2") && said.contains("(1 h 30 min)"),
        "{said}"
    );
    let report = monitor.wait_for(|report| !report["pause"].is_null());
    assert!(report["pause"]["until"].as_u64() > report["at"].as_u64());
    let paused = monitor.tsctl(&["failover", "pause", "--json"]);
    let done = paused.status(0).json("failover-verb.json");
    assert_eq!(
        (&done["verb"], done["until"].is_null()),
        (&"pause".into(), true),
        "{done:#}"
    );
    let resumed = monitor.tsctl(&["failover", "resume", "--json"]);
    assert_eq!(resumed.status(0).json("failover-verb.json")["changed"], true);
    monitor.wait_for(|report| report["pause"].is_null());
    assert!(monitor.said().contains("moves are paused\n") && monitor.said().contains("moves are made again\n"));
}

#[test]
fn a_monitor_that_does_not_run_is_told_with_what_starts_it() {
    let fake = tailnet();
    let monitor = Monitor::new(fake.socket(), &hasty_settings());
    let ended = monitor.tsctl(&["failover", "pause"]);
    // As `metrics`: nobody can tell what would have come of it.
    ended
        .status(3)
        .err("tsctl: the monitor does not run. Start it: sudo systemctl start tailwright-monitor\n");
    let status = monitor.tsctl(&["failover", "status"]);
    let said = status.status(1).stdout();
    assert!(
        said.contains("nobody is told") && said.contains("sudo systemctl start tailwright-monitor"),
        "{said}"
    );
    let metrics = monitor.tsctl(&["metrics"]);
    metrics
        .status(3)
        .err("tsctl: the monitor does not run. Start it: sudo systemctl start tailwright-monitor\n");
}

#[test]
fn everybody_may_ask_and_few_may_command() {
    let fake = tailnet();
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    let (status, body) = monitor
        .ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("an answer");
    assert_eq!(status, 404, "{body}");
    let (status, _) = monitor
        .ask("PUT /failover HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("an answer");
    assert_eq!(status, 405);
    let (status, body) = monitor
        .ask("POST /failover HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n\"dance\"")
        .expect("an answer");
    assert_eq!((status, body.contains("unknown variant")), (400, true), "{body}");
    if !rustix::process::geteuid().is_root() {
        return crate::support::left_out::note("only root can run it as another user");
    }
    let directory = monitor.path("");
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&directory, everybody).expect("it is ours");
    let copy = monitor.path("tsctl");
    std::fs::copy(TSCTL, &copy).expect("a copy");
    let other = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&copy);
        command.current_dir(&directory).env_clear().args(arguments);
        Ended::of(command.args(["--runtime-dir", "run"]).uid(65_534).gid(65_534))
    };
    let ended = other(&["failover", "pause", "--for", "2h"]);
    ended.status(1);
    let said = ended.stderr();
    assert!(
        said.contains("only root") && said.contains("sudo tsctl failover pause --for 2h"),
        "{said}"
    );
    assert!(monitor.report().expect("it runs")["pause"].is_null());
}

#[test]
fn the_status_is_that_of_what_it_watches() {
    let fake = tailnet();
    let mut monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| about_exit_node(report)["settings"][0]["level"] == "good");
    let shown = monitor.tsctl(&["failover", "status"]);
    assert!(
        shown.status(0).stdout().starts_with("alpha: good\n"),
        "{}",
        shown.stdout()
    );
    let good = monitor.tsctl(&["failover", "status", "--json"]);
    assert_eq!(
        good.status(0).json("failover-status.json")["subjects"][0]["inForce"],
        "exit node gamma"
    );
    set_alive(&fake, "gamma", false);
    monitor.wait_for(|report| phase(report) == "away");
    let away = monitor.tsctl(&["failover", "status", "--json"]);
    assert_eq!(
        away.status(1).json("failover-status.json")["subjects"][0]["chosenBy"],
        "monitor"
    );
    let socket = fake.socket().to_string_lossy();
    let node = monitor.tsctl(&["status", "--socket", &socket]);
    let line = "failover    exit node beta (away)";
    assert!(node.status(1).stdout().contains(line), "{}", node.stdout());
    let chosen = "exit node   beta, chosen by the monitor instead of gamma";
    assert!(node.stdout().contains(chosen), "{}", node.stdout());
    set_alive(&fake, "beta", false);
    monitor.wait_for(|report| phase(report) == "stuck");
    let stuck = monitor.tsctl(&["failover", "status", "--json"]);
    assert_eq!(stuck.status(2).json("failover-status.json")["state"], "down");
    monitor.kill();
    let gone = monitor.tsctl(&["failover", "status", "--json"]);
    assert_eq!(
        gone.status(1).json("failover-status.json")["reasons"][0]["command"],
        "sudo systemctl start tailwright-monitor"
    );
}

#[test]
fn one_round_of_checks_changes_nothing() {
    let fake = tailnet();
    let monitor = Monitor::new(fake.socket(), &hasty_settings());
    let once = |arguments: &[&str]| Ended::of(monitor.command().arg("--once").args(arguments));
    let good = once(&["--json"]);
    let seen = good.status(0).err("").json("failover-status.json");
    assert_eq!(seen["subjects"][0]["settings"][0]["level"], "good", "{seen:#}");
    set_alive(&fake, "gamma", false);
    let bad = once(&["--json"]);
    let seen = bad.status(2).json("failover-status.json");
    assert_eq!(seen["subjects"][0]["settings"][0]["level"], "down", "{seen:#}");
    assert!(once(&[]).status(2).stdout().contains("exit node gamma is down"));
    let again = watched(monitor.command().args(["--once", "--json", "--watch=100ms"]), 2);
    for seen in &again {
        assert_valid(seen, "failover-status.json");
        assert_eq!(seen["state"], "down");
    }
    assert!(!monitor.path("state").exists() && !monitor.path("run").exists());
    assert!(
        fake.seen()
            .iter()
            .all(|request| request.method == "GET" || request.endpoint() == Some("ping"))
    );
    assert_eq!(exit_node(&fake), "gamma");
}
