//! `tsctl status` as a process, against the fake tailscaled.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::run::{Ended, Place, TSCTL, copy_for_all};
use crate::support::tailscaled::{Tailscaled, World};

/// Runs it against a tailscaled at that socket.
fn status(socket: &Path, arguments: &[&str]) -> Ended {
    let place = Place::new();
    let mut command = place.command(TSCTL);
    command.arg("status").arg("--socket").arg(socket).args(arguments);
    Ended::of(&mut command)
}

#[test]
fn each_state_has_its_exit_status_and_its_json() {
    for (scenario, code, state) in [
        ("base running", 0, "good"),
        ("base old", 0, "good"),
        ("base needs-login", 2, "down"),
        (r#"answer status 200 json {"BackendState": "Starting"}"#, 1, "degraded"),
        (r#"answer status 500 plain "no""#, 3, "cannotTell"),
        (r#"answer status bytes "garbage""#, 3, "cannotTell"),
    ] {
        let fake = Tailscaled::play(scenario);
        let ended = status(fake.socket(), &["--json"]);
        ended.status(code).err("");
        assert_eq!(ended.json("ts-status.json")["state"], state, "{scenario}");
        let shown = status(fake.socket(), &[]);
        shown.status(code).err("");
        assert!(!shown.stdout().is_empty());
    }
}

#[test]
fn it_only_asks() {
    let fake = Tailscaled::start(World::running());
    status(fake.socket(), &[]).status(0);
    let seen = fake.seen();
    assert!(seen.iter().all(|request| request.method == "GET"), "{seen:?}");
    let paths: Vec<&str> = seen.iter().filter_map(|request| request.endpoint()).collect();
    assert_eq!(paths, ["status", "prefs"]);
}

#[test]
fn a_tailscaled_that_is_away_is_down_at_once() {
    let fake = Tailscaled::start(World::running());
    fake.now("stop");
    let began = Instant::now();
    let ended = status(fake.socket(), &[]);
    ended.status(2);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(
        ended.stdout().contains("sudo systemctl start tailscaled"),
        "{}",
        ended.stdout()
    );
    fake.now("start");
    fake.now("die");
    let ended = status(fake.socket(), &["--json"]);
    ended.status(2);
    assert_eq!(
        ended.json("ts-status.json")["reasons"][0]["command"],
        "sudo systemctl restart tailscaled"
    );
}

/// A frozen tailscaled is told apart from one that is away, and does not hold anybody up for ever.
#[test]
fn a_tailscaled_that_does_not_answer_cannot_be_told() {
    let fake = Tailscaled::play("answer * silent");
    let ended = status(fake.socket(), &["--json"]);
    ended.status(3);
    let text = ended.json("ts-status.json")["reasons"][0]["text"].to_string();
    assert!(text.contains("did not answer status within 3 s"), "{text}");
}

#[test]
fn the_peers_that_are_wanted_are_shown() {
    let fake = Tailscaled::start(World::running());
    let names = |which: &str| {
        let ended = status(fake.socket(), &["--json", "--peers", which]);
        let peers = ended.json("ts-status.json")["peers"].clone();
        let names = peers
            .as_array()
            .expect("a list")
            .iter()
            .map(|peer| peer["name"].clone());
        names.collect::<Vec<Value>>()
    };
    assert_eq!(names("all"), ["beta", "delta", "gamma"]);
    assert_eq!(names("active"), ["beta", "gamma"]);
    assert_eq!(names("none"), Vec::<Value>::new());
    let last = fake
        .seen()
        .into_iter()
        .rev()
        .find(|request| request.endpoint() == Some("status"));
    assert_eq!(last.expect("it was asked").parameter("peers"), "false");
}

#[test]
fn an_exit_node_is_judged_without_the_peers_too() {
    let fake = Tailscaled::play("offers-exit gamma\nexit-node gamma");
    for which in ["all", "none"] {
        let ended = status(fake.socket(), &["--json", "--peers", which]);
        ended.status(0);
        assert_eq!(ended.json("ts-status.json")["exitNode"]["online"], true);
    }
}

/// Whoever may open the socket may look: it needs no right of its own.
#[test]
fn any_user_may_look() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::left_out::note("only root can run it as another user");
    }
    let fake = Tailscaled::start(World::running());
    let directory = fake.socket().parent().expect("a directory");
    let place = Place::new();
    let copy = copy_for_all(directory);
    let mut command = place.command(&copy);
    command.arg("status").arg("--socket").arg(fake.socket()).arg("--json");
    command.current_dir("/").uid(65_534).gid(65_534);
    let ended = Ended::of(&mut command);
    ended.status(0).err("");
    assert_eq!(ended.json("ts-status.json")["state"], "good");
    assert!(fake.seen().iter().all(|request| request.uid == 65_534));
}

#[test]
fn it_watches_until_its_reader_leaves() {
    let fake = Tailscaled::start(World::running());
    let place = Place::new();
    let mut command = place.command(TSCTL);
    command
        .arg("status")
        .arg("--socket")
        .arg(fake.socket())
        .args(["--json", "--watch=100ms"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut state = || {
        let line = lines.next().expect("another line").expect("text");
        let seen: Value = serde_json::from_str(&line).expect("an object a line");
        seen["state"].clone()
    };
    assert_eq!(state(), "good");
    fake.now("state Stopped");
    let until = Instant::now() + Duration::from_secs(10);
    while state() == "good" {
        assert!(Instant::now() < until, "it goes on asking");
    }
    drop(lines);
    // The status of what was seen last.
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
}

/// On a terminal, with these variables.
fn on_a_terminal(socket: &Path, arguments: &str, variables: &[(&str, &str)]) -> Option<Ended> {
    let script = crate::support::tool::part("script")?;
    let place = Place::new();
    let line = format!("{TSCTL} status --socket {} {arguments}", socket.display());
    let mut command = place.command(script);
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    Some(Ended::of(command.env("TERM", "xterm").envs(variables.iter().copied())))
}

#[test]
fn there_is_colour_on_a_terminal_unless_it_is_unwanted() {
    const ESCAPE: char = '\u{1b}';
    let fake = Tailscaled::start(World::running());
    let shown = |variables: &[(&str, &str)]| on_a_terminal(fake.socket(), "", variables);
    let Some(coloured) = shown(&[]) else { return };
    coloured.status(0);
    assert!(
        coloured.stdout().starts_with("\u{1b}[1malpha\u{1b}[0m: \u{1b}[32mgood"),
        "{:?}",
        coloured.stdout()
    );
    for variables in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        let plain = shown(&variables).expect("it was there").stdout();
        assert!(!plain.contains(ESCAPE) && plain.contains("alpha: good"), "{plain:?}");
    }
    // Through a pipe there is none.
    assert!(!status(fake.socket(), &[]).stdout().contains(ESCAPE));
}

#[test]
fn what_is_watched_on_a_terminal_is_drawn_over_the_last() {
    let fake = Tailscaled::play("at 300ms state Stopped");
    // It ends with the program that shows it for some time.
    let socket = fake.socket().display().to_string();
    let Some(script) = crate::support::tool::part("script") else {
        return;
    };
    let place = Place::new();
    let line = format!("timeout 1.5 {TSCTL} status --watch=100ms --socket {socket}");
    let mut command = place.command(script);
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let shown = Ended::of(command.env("TERM", "xterm").env("NO_COLOR", "1")).stdout();
    let frames: Vec<&str> = shown.split("\u{1b}[H").skip(1).collect();
    assert!(frames.len() > 3, "{shown:?}");
    assert!(frames[0].starts_with("alpha: good"), "{:?}", frames[0]);
    let last = frames
        .iter()
        .rfind(|frame| frame.ends_with("\u{1b}[J"))
        .expect("a whole one");
    assert!(last.starts_with("alpha: down"), "{last:?}");
    // Nothing of the longer lines before it is left.
    assert!(
        last.split_inclusive("\r\n")
            .all(|line| line.contains("\u{1b}[K") || line.contains("\u{1b}[J"))
    );
}
