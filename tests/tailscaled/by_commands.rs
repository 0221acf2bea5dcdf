//! What the commands make of it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scenario;
use crate::support::run::{Ended, Place, TSCTL};
use crate::support::tailscaled::Tailscaled;

fn tsctl(fake: &Tailscaled, arguments: &[&str]) -> Ended {
    let place = Place::new();
    let (name, more) = arguments.split_first().expect("a command");
    let mut command = place.command(TSCTL);
    Ended::of(command.arg(name).arg("--socket").arg(fake.socket()).args(more))
}

/// What somebody sees who watches from before its time begins: each state once, with the first reason for it, until the
/// last one is as said.
fn watched(fake: &mut Tailscaled, last: &str) -> Vec<(String, String)> {
    let place = Place::new();
    let mut command = place.command(TSCTL);
    command
        .arg("status")
        .arg("--socket")
        .arg(fake.socket())
        .args(["--json", "--watch=100ms"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let began = Instant::now();
    let mut states: Vec<(String, String)> = Vec::new();
    for line in lines {
        let seen: Value = serde_json::from_str(&line.expect("text")).expect("an object a line");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let state = (text(&seen["state"]), text(&seen["reasons"][0]["text"]));
        if states.is_empty() {
            fake.begin();
        }
        if states.last().is_none_or(|before| before.0 != state.0) {
            states.push(state);
        }
        let is_over = states.len() > 1 && states.last().is_some_and(|(state, _)| state == last);
        if is_over || began.elapsed() > Duration::from_secs(30) {
            break;
        }
    }
    // Its reader has left: it ends by itself.
    child.wait().expect("it ends");
    states
}

#[test]
fn what_comes_instead_of_a_status_is_told_with_its_exit_status() {
    for (scenario, code, said) in [
        ("answer status cut 400", 3, "broke the connection off"),
        ("answer status cut 0", 3, "broke the connection off"),
        ("answer status stuck 400", 3, "did not answer status within 3 s"),
        (
            r#"answer status bytes "\u0000\u00ff\r\n\r\n""#,
            3,
            "broke the connection off",
        ),
        ("answer status 200 json []", 3, "not as it should be"),
        ("lacks status", 3, "does not know status"),
        ("die", 2, "sudo systemctl restart tailscaled"),
        ("stop", 2, "sudo systemctl start tailscaled"),
        ("base old\nlacks suggest-exit-node", 0, ""),
    ] {
        let fake = Tailscaled::play(scenario);
        let ended = tsctl(&fake, &["status"]);
        ended.status(code).err("");
        // Lines are broken where they are long.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&ended.stdout()).contains(said), "{scenario}: {}", ended.stdout());
        let ended = tsctl(&fake, &["auth"]);
        ended.status(code).err("");
    }
}

#[test]
fn what_is_slow_is_waited_for() {
    let fake = Tailscaled::play("answer status late 700ms\nanswer prefs late 300ms");
    let began = Instant::now();
    tsctl(&fake, &["status"]).status(0).err("");
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

/// Whoever the socket is closed to, and that is nobody's mistake but the mode's.
#[test]
fn a_socket_that_may_not_be_opened_is_told() {
    let fake = Tailscaled::play("mode 0000");
    let place = Place::new();
    let run = || {
        // Without the rights of root, whoever runs the test.
        let mut command = place.command("unshare");
        command.args(["--user", TSCTL, "status", "--socket"]).arg(fake.socket());
        Ended::of(&mut command)
    };
    let ended = run();
    ended.status(3).err("");
    assert!(ended.stdout().contains("ls -l"), "{}", ended.stdout());
    fake.now("mode 0666");
    run().status(0);
}

#[test]
fn who_may_only_look_is_told_so() {
    let fake = Tailscaled::play("rights read-only");
    tsctl(&fake, &["status"]).status(0);
    let ended = tsctl(&fake, &["auth", "--login", "--json"]);
    let text = ended.json("ts-auth.json")["reasons"].to_string();
    assert!(text.contains("login access denied"), "{text}");
    fake.now("rights usual");
    let ended = tsctl(&fake, &["auth", "--login", "--json"]);
    assert!(!ended.json("ts-auth.json")["loginUrl"].is_null());
}

#[test]
fn each_state_has_its_exit_status() {
    let fake = Tailscaled::play("base needs-login");
    for (line, status, doctor) in [
        ("latency 1ms", 2, 2),
        ("login", 0, 0),
        ("set WantRunning false", 2, 2),
        ("set WantRunning true", 0, 0),
        ("state NeedsMachineAuth", 2, 2),
        ("state Starting", 1, 1),
        ("state Running", 0, 0),
        ("key-expires", 2, 2),
        ("login", 0, 0),
        ("logout", 2, 2),
    ] {
        fake.now(line);
        tsctl(&fake, &["status"]).status(status);
        tsctl(&fake, &["doctor", "daemon", "login", "key", "control"]).status(doctor);
    }
}

#[test]
fn whoever_watches_sees_it_restarted() {
    let mut fake = Tailscaled::prepare(&scenario("restarted"));
    let mut states = watched(&mut fake, "down");
    assert_eq!(states.len(), 2, "{states:?}");
    let (state, why) = states.pop().expect("the last one");
    assert_eq!((states[0].0.as_str(), state.as_str()), ("good", "down"));
    assert!(why.contains("tailscaled does not run"), "{why}");
    let until = Instant::now() + Duration::from_secs(10);
    while !fake.is_played() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    tsctl(&fake, &["status"]).status(0);
}

#[test]
fn whoever_watches_sees_it_killed() {
    let mut fake = Tailscaled::prepare(&scenario("killed"));
    let states = watched(&mut fake, "down");
    assert_eq!(states.len(), 2, "{states:?}");
    assert!(states[1].1.contains("has left"), "{states:?}");
    let ended = tsctl(&fake, &["status", "--json"]);
    ended.status(2);
    assert_eq!(
        ended.json("ts-status.json")["reasons"][0]["command"],
        "sudo systemctl restart tailscaled"
    );
}
