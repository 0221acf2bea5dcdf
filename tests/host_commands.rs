//! The small commands of `tsctl` as processes: `auth`, `cert`, `nginx`, `metrics`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::json_schema::faults;
use crate::support::run::{Ended, Place, TSCTL};
use crate::support::tailscaled::{Tailscaled, World};
use crate::support::tool;

/// What it prints as JSON, held against the published schema.
fn json(ended: &Ended, schema: &str) -> Value {
    let printed: Value = serde_json::from_str(&ended.stdout()).expect("JSON");
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(schema);
    let schema = std::fs::read_to_string(published).expect("the schema is published");
    let schema = serde_json::from_str(&schema).expect("a schema");
    assert_eq!(faults(&printed, &schema), Vec::<String>::new(), "{printed:#}");
    printed
}

fn tsctl(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.command(TSCTL);
    command.args(arguments);
    command
}

#[test]
fn auth_says_who_is_logged_in() {
    for (scenario, code, state) in [
        ("base = 'running'", 0, "good"),
        ("base = 'needs-login'", 2, "down"),
        (
            "base = 'running'\n[[answer]]\nto = 'status'\nbytes = 'garbage'",
            3,
            "cannotTell",
        ),
    ] {
        let fake = Tailscaled::play(scenario);
        let socket = fake.socket().to_str().unwrap();
        let run = |more: &[&str]| {
            let arguments = [&["auth", "--socket", socket], more].concat();
            Ended::of(&mut tsctl(&Place::new(), &arguments))
        };
        let ended = run(&["--json"]);
        ended.status(code).err("");
        assert_eq!(json(&ended, "ts-auth.json")["state"], state, "{scenario}");
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
        let shown = json(&ended, "ts-auth.json");
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
    let shown = json(&run(&[]), "ts-cert.json");
    assert_eq!(shown["certificates"][0]["domain"], "alpha.lab-tailnet.ts.net");
    assert_eq!(asked(), 0);
    // The fake has none to give, and says so.
    let renewed = run(&["--renew"]);
    renewed.status(2).err("");
    let said = json(&renewed, "ts-cert.json")["reasons"][0]["text"].to_string();
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
    let shown = json(&good, "nginx-test.json");
    assert_eq!(shown["configuration"], config);
    assert!(shown["said"].to_string().contains("test is successful"), "{shown}");
    write("worker_processes 1; worker_processes 1;");
    let refused = run(&[]);
    refused.status(2).err("");
    let said = json(&refused, "nginx-test.json")["said"].to_string();
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
        .out("");
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
