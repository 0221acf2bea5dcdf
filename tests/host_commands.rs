//! The small commands of `tsctl` as processes: `auth`, `cert`, `nginx`, `metrics`.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::run::{Ended, Place, TSCTL, copy_for_all};
use crate::support::tailscaled::{Tailscaled, World};
use crate::support::tool;

fn tsctl(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.command(TSCTL);
    command.args(arguments);
    command
}

#[test]
fn auth_says_who_is_logged_in() {
    for (scenario, code, state) in [
        ("base running", 0, "good"),
        ("base needs-login", 2, "down"),
        (r#"answer status bytes "garbage""#, 3, "cannotTell"),
    ] {
        let fake = Tailscaled::play(scenario);
        let socket = fake.socket().to_str().unwrap();
        let run = |more: &[&str]| {
            let arguments = [&["auth", "--socket", socket], more].concat();
            Ended::of(&mut tsctl(&Place::new(), &arguments))
        };
        let ended = run(&["--json"]);
        ended.status(code).err("");
        assert_eq!(ended.json("ts-auth.json")["state"], state, "{scenario}");
        assert!(run(&[]).status(code).err("").stdout().starts_with("login: "));
        let seen = fake.seen();
        assert!(seen.iter().all(|request| request.method == "GET"), "{seen:?}");
    }
}

#[test]
fn auth_begins_a_login_that_changes_no_preference() {
    const ADDRESS: &str = "http://10.77.0.1:8080/auth/00000000000000000004";
    for (world, code) in [(World::needs_login(), 2), (World::running(), 1)] {
        let fake = Tailscaled::start(world);
        let socket = fake.socket().to_str().unwrap();
        let ended = Ended::of(&mut tsctl(
            &Place::new(),
            &["auth", "--login", "--json", "--socket", socket],
        ));
        ended.status(code).err("");
        let shown = ended.json("ts-auth.json");
        assert_eq!(shown["loginUrl"], ADDRESS, "{shown:#}");
        assert!(
            shown["reasons"][0]["text"].as_str().unwrap().ends_with(ADDRESS),
            "{shown:#}"
        );
        let seen = fake.seen();
        let changes: Vec<&str> = seen
            .iter()
            .filter(|request| request.method != "GET")
            .map(|request| request.endpoint().unwrap_or_default())
            .collect();
        assert_eq!(changes, ["login-interactive"]);
    }
}

#[test]
fn cert_asks_for_a_certificate_only_when_it_is_told_to() {
    let fake = Tailscaled::start(World::running());
    let socket = fake.socket().to_str().unwrap().to_owned();
    let run = |more: &[&str]| {
        let arguments = [&["cert", "--socket", &socket, "--json"], more].concat();
        Ended::of(&mut tsctl(&Place::new(), &arguments))
    };
    let asked = || {
        let paths: Vec<String> = fake
            .seen()
            .iter()
            .filter_map(|seen| seen.endpoint().map(str::to_owned))
            .collect();
        paths.iter().filter(|path| path.starts_with("cert/")).count()
    };
    let shown = run(&[]).json("ts-cert.json");
    assert_eq!(shown["certificates"][0]["domain"], "alpha.lab-tailnet.ts.net");
    assert_eq!(asked(), 0);
    // The fake has none to give, and says so.
    let renewed = run(&["--renew"]);
    renewed.status(2).err("");
    let said = renewed.json("ts-cert.json")["reasons"][0]["text"].to_string();
    assert!(
        said.contains("was not renewed") && said.contains("cert not available"),
        "{said}"
    );
    assert_eq!(asked(), 1);
    // Of other names it is not even asked.
    run(&["--renew", "www.example.org"]).status(1).err("");
    assert_eq!(asked(), 1);
    run(&["--renew", "--watch"]).status(64);
}

/// A program of that name on the PATH, a script.
fn program(place: &Place, name: &str, script: &str) {
    let path = place.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn with_own_path(place: &Place, arguments: &[&str]) -> Ended {
    let mut command = tsctl(place, arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    Ended::of(&mut command)
}

#[test]
fn nginx_test_asks_the_nginx_of_the_unit() {
    let Some(nginx) = tool::part("nginx") else { return };
    let place = Place::new();
    let config = place.path("nginx.conf").display().to_string();
    let own = place.path("").display().to_string();
    let write = |directive: &str| {
        place.write(
            "nginx.conf",
            format!("error_log {own}/error.log;\npid {own}/nginx.pid;\nevents {{}}\n{directive}\n"),
        );
    };
    program(
        &place,
        "systemctl",
        &format!(
            "[ \"$*\" = 'show nginx.service --property=ExecStart' ] || exit 1\n\
             echo 'ExecStart={{ path={nginx} ; argv[]={nginx} -c {config} ; ignore_errors=no ; start_time=[n/a] }}'",
            nginx = nginx.display(),
        ),
    );
    let run = |more: &[&str]| with_own_path(&place, &[&["nginx", "test", "--json"], more].concat());
    write("");
    let good = run(&[]);
    good.status(0).err("");
    let shown = good.json("nginx-test.json");
    assert_eq!(shown["configuration"], config);
    assert!(shown["said"].to_string().contains("test is successful"), "{shown}");
    write("worker_processes 1; worker_processes 1;");
    let refused = run(&[]);
    refused.status(2).err("");
    let said = refused.json("nginx-test.json")["said"].to_string();
    assert!(said.contains("directive is duplicate"), "{said}");
    let elsewhere = place.write(
        "other.conf",
        format!("error_log {own}/error.log;\npid {own}/p;\nevents {{}}\n"),
    );
    run(&["--config", elsewhere.to_str().unwrap()]).status(0);
    run(&["--nginx", "/no/such/nginx"]).status(3);
}

#[test]
fn nginx_logs_shows_the_journal_and_the_files() {
    let place = Place::new()
        .with("log/access.log", "one\ntwo\nthree \u{1b}[2J\n")
        .with("log/error.log", "bad\n")
        .with("log/other.txt", "not a log\n");
    program(
        &place,
        "journalctl",
        "[ \"$*\" = '--no-pager --unit=nginx.service --lines=2' ] || exit 1\necho started",
    );
    let log = place.path("log").display().to_string();
    let run = |more: &[&str]| with_own_path(&place, &[&["nginx", "logs", "--directory", &log, "-n2"], more].concat());
    let expected =
        format!("== nginx.service\nstarted\n== {log}/access.log\ntwo\nthree \u{fffd}[2J\n== {log}/error.log\nbad\n");
    run(&[]).status(0).err("").out(expected);
    let errors = run(&["--errors"]);
    errors.status(0);
    assert!(!errors.stdout().contains("access.log"), "{}", errors.stdout());
    // Nothing there is no success.
    program(&place, "journalctl", "echo '-- No entries --'");
    with_own_path(&place, &["nginx", "logs", "--directory", "/no/such"])
        .status(3)
        .out("")
        .err("tsctl: neither the journal nor /no/such has anything of nginx: systemctl status nginx\n");
}

/// What a user without any rights may look at is shown, the rest is said with what to type; as `status`, `doctor` and
/// `failover` in the tests of theirs.
#[test]
fn any_user_may_look() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::left_out::note("only root can run it as another user");
    }
    let fake = Tailscaled::start(World::running());
    let copy = copy_for_all(fake.socket().parent().expect("a directory"));
    let place = Place::new();
    let socket = fake.socket().to_str().expect("text").to_owned();
    // A log that only its owner may read.
    place.write("state/decisions.jsonl", "");
    for (path, mode) in [("", 0o755), ("state", 0o700)] {
        std::fs::set_permissions(place.path(path), std::fs::Permissions::from_mode(mode)).expect("it is ours");
    }
    let hint = "echo 'Hint: You are currently not seeing messages from other users and the system.' >&2";
    program(&place, "journalctl", hint);
    let state = place.path("state");
    let run = |arguments: &[&str]| {
        let mut command = place.command(&copy);
        command.current_dir("/").uid(65_534).gid(65_534);
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        Ended::of(command.env("PATH", path).env("HOME", "/nonexistent").args(arguments))
    };
    let quality = run(&[
        "quality",
        "--socket",
        &socket,
        "--json",
        "--no-relays",
        "--count=2",
        "--interval=50ms",
    ]);
    assert_eq!(
        quality.status(0).err("").json("ts-quality.json")["peers"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    let benchmark = run(&[
        "benchmark",
        "--socket",
        &socket,
        "--json",
        "--config=/no/such",
        "--seconds=1",
        "beta",
    ]);
    // Nobody helps with a measurement there.
    let seen = benchmark.status(3).err("").json("ts-benchmark.json");
    assert_eq!(seen["peers"][0]["name"], "beta", "{seen:#}");
    run(&["auth", "--socket", &socket, "--json"])
        .status(0)
        .err("")
        .json("ts-auth.json");
    let cert = run(&["cert", "--socket", &socket, "--json"]);
    cert.err("").json("ts-cert.json");
    let why = run(&["why", "--json", "--state-dir", state.to_str().expect("text")]);
    assert_eq!(
        why.status(3).err("").json("why.json")["reasons"][0]["command"],
        "sudo tsctl why"
    );
    let logs = run(&["monitor-logs", "--json"]);
    let said = logs.status(3).err("").json("monitor-logs.json");
    assert_eq!(said["reasons"][0]["command"], "sudo tsctl monitor-logs");
    assert!(fake.seen().iter().all(|request| request.uid == 65_534));
}

#[test]
fn metrics_prints_what_the_documents_have() {
    let place = Place::new();
    for (flag, file) in [
        ("--rules", "tailwright-rules.yml"),
        ("--dashboard", "tailwright-dashboard.json"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        Ended::of(&mut tsctl(&place, &["metrics", flag]))
            .status(0)
            .err("")
            .out(text);
    }
}
