//! What the monitor tells people, as a process against the fake tailscaled.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::receivers::{free_port, json_at, script, settings, wait_for_sent, webhook};
use crate::monitor::{phase, tailnet, use_exit_node};
use crate::support::json_schema::assert_valid;
use crate::support::monitor::Monitor;
use crate::support::run::Place;

/// What somebody does by hand, and is told of.
const BY_HAND: &str = "changed-by-hand";

fn events(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["event"].as_str().unwrap_or_default())
        .collect()
}

#[test]
fn what_begins_and_ends_arrives_in_order_and_once() {
    let fake = tailnet();
    let (port, arrived) = webhook(0);
    let settings = settings(&[("desk", json_at(&format!("http://127.0.0.1:{port}/hook")))]);
    let monitor = Monitor::start(fake.socket(), &settings);
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    monitor.wait_until(|| arrived.about(BY_HAND).len() == 1);
    use_exit_node(&fake, "gamma");
    monitor.wait_until(|| arrived.about(BY_HAND).len() == 2);
    let messages = arrived.about(BY_HAND);
    assert_eq!(events(&messages), ["began", "over"]);
    for message in &messages {
        assert_valid(message, "alert.json");
    }
    assert_eq!(
        (&messages[0]["host"], &messages[0]["about"]),
        (&json!("alpha"), &json!("exit node"))
    );
    assert_eq!(messages[0]["command"], "sudo tsctl failover resume");
    wait_for_sent(&monitor, 2);
    assert!(
        monitor.said().contains("alarm: exit node: changed by hand"),
        "{}",
        monitor.said()
    );
}

#[test]
fn what_could_not_be_delivered_survives_a_kill() {
    let fake = tailnet();
    let port = free_port();
    let settings = settings(&[("desk", json_at(&format!("http://127.0.0.1:{port}/")))]);
    let mut monitor = Monitor::start(fake.socket(), &settings);
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    monitor.wait_for(|report| phase(report) == "overridden" && report["counts"]["alertsFailed"].as_u64() > Some(0));
    let said = monitor.said();
    assert_eq!(said.matches("desk could not be told").count(), 1, "{said}");
    monitor.kill();
    let kept = monitor.path("state/alerts.json");
    let mode = std::fs::metadata(&kept).expect("it is on disk").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (_, arrived) = webhook(port);
    monitor.start_again();
    monitor.wait_until(|| !arrived.about(BY_HAND).is_empty());
    use_exit_node(&fake, "gamma");
    monitor.wait_until(|| arrived.about(BY_HAND).len() == 2);
    assert_eq!(events(&arrived.about(BY_HAND)), ["began", "over"]);
}

#[test]
fn killed_at_any_moment_it_tells_in_the_end_how_things_are() {
    let fake = tailnet();
    let (port, arrived) = webhook(0);
    let settings = settings(&[("desk", json_at(&format!("http://127.0.0.1:{port}/")))]);
    let mut monitor = Monitor::start(fake.socket(), &settings);
    monitor.wait_for(|report| phase(report) == "home");
    for round in 0..8_u64 {
        use_exit_node(&fake, if round % 2 == 0 { "delta" } else { "gamma" });
        // Before it has heard of it, while it writes, while it sends, after that.
        std::thread::sleep(Duration::from_millis(round * round * 3));
        monitor.kill();
        monitor.start_again();
    }
    // Once it is left in peace, so that there is something to be told.
    use_exit_node(&fake, "delta");
    monitor.wait_until(|| events(&arrived.about(BY_HAND)).contains(&"began"));
    use_exit_node(&fake, "gamma");
    // An even number of changes: all is well. Whoever was told that it began is told that it is over.
    monitor.wait_for(|report| {
        let messages = arrived.about(BY_HAND);
        let is_over = messages
            .last()
            .is_none_or(|message| matches!(message["event"].as_str(), Some("over" | "passed")));
        phase(report) == "home" && is_over && report["counts"]["alertsWaiting"] == 0
    });
    // One that came twice has its id.
    let messages = arrived.about(BY_HAND);
    let mut told: Vec<(&Value, &str)> = Vec::new();
    for (message, event) in messages.iter().zip(events(&messages)) {
        if told.iter().any(|(id, _)| **id == message["id"]) {
            continue;
        }
        let was_active = told.last().is_some_and(|(_, event)| *event == "began");
        assert!(event == "passed" || was_active == (event == "over"), "{messages:#?}");
        told.push((&message["id"], event));
    }
    assert!(told.iter().any(|(_, event)| *event == "began"), "{messages:#?}");
}

#[test]
fn a_file_that_is_damaged_is_kept_aside_and_people_are_told_nevertheless() {
    let fake = tailnet();
    let (port, arrived) = webhook(0);
    let settings = settings(&[("desk", json_at(&format!("http://127.0.0.1:{port}/")))]);
    let mut monitor = Monitor::start(fake.socket(), &settings);
    monitor.wait_for(|report| phase(report) == "home");
    monitor.stop();
    for (text, said) in [("{\"version\":7}", "of version 7"), ("\u{0}\u{1}", "cannot be read")] {
        std::fs::write(monitor.path("state/alerts.json"), text).expect("it is ours");
        monitor.start_again();
        assert!(monitor.said().contains(said), "{}", monitor.said());
        let kept = std::fs::read_to_string(monitor.path("state/alerts.json.broken")).expect("it is kept");
        assert_eq!(kept, text);
        let before = arrived.about(BY_HAND).len();
        use_exit_node(&fake, "delta");
        monitor.wait_until(|| arrived.about(BY_HAND).len() == before + 1);
        use_exit_node(&fake, "gamma");
        monitor.wait_until(|| arrived.about(BY_HAND).len() == before + 2);
        monitor.stop();
    }
}

#[test]
fn secrets_stay_secret() {
    let fake = tailnet();
    let (port, arrived) = webhook(0);
    let place = Place::new()
        .with(
            "credentials/alert-desk-url",
            format!("http://127.0.0.1:{port}/SeCrEt\n"),
        )
        .with("credentials/alert-desk-token", "tk_SeCrEt\n");
    let way = json!({ "webhook": {
        "format": "json", "url": { "file": "alert-desk-url" }, "token": "alert-desk-token",
    } });
    let mut monitor = Monitor::new(fake.socket(), &settings(&[("desk", way)]));
    monitor.set_variable("CREDENTIALS_DIRECTORY", place.path("credentials"));
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    monitor.wait_until(|| !arrived.about(BY_HAND).is_empty());
    let heads = arrived.heads().concat();
    assert!(
        heads.contains("POST /SeCrEt ") && heads.contains("Bearer tk_SeCrEt"),
        "{heads}"
    );
    // Now it cannot be told any more, which is said.
    place.write("credentials/alert-desk-url", "ftp://SeCrEt");
    use_exit_node(&fake, "gamma");
    monitor.wait_until(|| monitor.said().contains("desk could not be told"));
    let report = monitor.report().expect("it answers").to_string();
    let kept = std::fs::read_to_string(monitor.path("state/alerts.json")).expect("it is on disk");
    for text in [monitor.said(), report, kept] {
        assert!(!text.contains("SeCrEt"), "{text}");
    }
}

#[test]
fn who_hangs_holds_up_nobody_else() {
    let fake = tailnet();
    let (port, arrived) = webhook(0);
    let place = Place::new();
    let hangs = script(&place, "hangs", "exec sleep 60");
    let settings = settings(&[
        ("a", json!({ "command": { "program": hangs, "arguments": [] } })),
        ("desk", json_at(&format!("http://127.0.0.1:{port}/"))),
    ]);
    let mut monitor = Monitor::start(fake.socket(), &settings);
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    monitor.wait_until(|| arrived.about(BY_HAND).len() == 1);
    let begun = Instant::now();
    monitor.report().expect("it answers");
    monitor.stop();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn mail_goes_through_the_hosts_sendmail() {
    if Path::new("/run/wrappers/bin/sendmail").exists() {
        crate::support::left_out::note("this machine has a sendmail of its own, which would be used");
        return;
    }
    let fake = tailnet();
    let place = Place::new();
    script(
        &place,
        "bin/sendmail",
        &format!(
            "cd '{}'\nprintf '%s ' \"$@\" > arguments\ncat > mail.new\nmv mail.new mail-$$",
            place.path(".").display()
        ),
    );
    let way = json!({ "mail": { "to": "ops@example.org", "from": "tailwright@alpha" } });
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    let mut monitor = Monitor::new(fake.socket(), &settings(&[("email", way)]));
    monitor.set_variable("PATH", path);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    let mails = || {
        place
            .files(".")
            .into_iter()
            .filter(|(name, _)| name.starts_with("mail-"))
            .map(|(_, text)| text)
    };
    monitor.wait_until(|| mails().any(|mail| mail.contains("Subject: [info] alpha: exit node: changed by hand")));
    let arguments = std::fs::read_to_string(place.path("arguments")).expect("it was started");
    assert_eq!(arguments, "-i -f tailwright@alpha -- ops@example.org ");
}
