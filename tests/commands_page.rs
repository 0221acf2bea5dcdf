//! docs/commands.md and docs/firewall.md show what the commands print, and the first names every check.

mod host;

use std::path::Path;

use self::host::Host;
use crate::monitor::{phase, tailnet};
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::run::{Ended, Place, TSCTL};

/// The outputs that the page shows. Those of `src/host` are held against the commands beside them, those of
/// `tests/commands_page` here.
const SHOWN: &[&str] = &[
    "src/host/tailnet/status/tests/good-80.txt",
    "src/host/tailnet/status/tests/failed-over-80.txt",
    "src/host/tailnet/status/tests/routes-waiting-80.txt",
    "src/host/tailnet/status/tests/away-80.txt",
    "src/host/tailnet/quality/tests/mixed-80.txt",
    "src/host/tailnet/auth/tests/needs-login-80.txt",
    "src/host/tailnet/cert/tests/ends-soon-80.txt",
    "src/host/tailnet/cert/tests/good-80.txt",
    "src/host/tailnet/cert/tests/refused-80.txt",
    "src/host/nginx/tests/refused-80.txt",
    "tests/commands_page/nginx-logs.txt",
    "src/host/why/tests/at-80.txt",
    "src/host/why/tests/last-80.txt",
    "src/host/monitor_logs/tests/decisions-80.txt",
    "src/host/monitor_logs/tests/forbidden-80.txt",
    "src/host/failover/status/tests/away-80.txt",
    "src/host/failover/tests/pause-80.txt",
    "src/host/failover/tests/resume-80.txt",
    "src/host/failover/tests/switch-80.txt",
    "src/host/failover/tests/restore-80.txt",
    "tests/commands_page/monitor.txt",
    "tests/commands_page/dry-run.txt",
    "src/host/monitor/tests/settings-80.txt",
    "src/host/failover/status/tests/home-80.txt",
    "tests/commands_page/metrics.txt",
    "tests/commands_page/health-check.txt",
    "tests/commands_page/monitoring-check.txt",
    "src/host/doctor/tests/good-80.txt",
    "src/host/doctor/tests/bad-night-80.txt",
    "src/host/benchmark/tests/slow-80.txt",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Holds what a command printed against that file.
#[track_caller]
fn held(ended: &Ended, file: &str) {
    ended.status(0).err("");
    let file = format!("tests/commands_page/{file}");
    if measured_left_out(&ended.stdout()) != measured_left_out(&read(&file)) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        ended.out(snapbox::Data::read_from(&file, None));
    }
}

/// Without what is another each time: how long the relays took, and what else there is on this machine.
fn measured_left_out(text: &str) -> String {
    let line = |line: &str| match line {
        line if line.starts_with("  port 22 ") => "  port 22\n".to_owned(),
        line if line.starts_with("  certificate ") => "  certificate\n".to_owned(),
        line if line.starts_with("  lab") => line.split(" 9").next().unwrap_or_default().to_owned() + "\n",
        line => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn the_page_shows_what_is_printed() {
    let page = read("docs/commands.md");
    let shown: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    for (shown, file) in shown.iter().zip(SHOWN) {
        assert_eq!(*shown, read(file), "{file}");
    }
    assert_eq!(shown.len(), SHOWN.len());
}

#[test]
fn the_scripts_of_the_guide_print_what_the_page_shows() {
    let host = Host::new();
    let health = host.script(
        "health-check.sh",
        &["daemon", "login", "key", "control", "health", "paths"],
    );
    held(&health, "health-check.txt");
    held(&host.script("monitoring-check.sh", &[]), "monitoring-check.txt");
}

#[test]
fn the_metrics_are_what_the_page_shows() {
    let host = Host::new();
    held(
        &host.line("tsctl metrics | grep -E '^tailwright_(failover_(setting_in|paused|moves)|probe_(latency_p|loss))'"),
        "metrics.txt",
    );
}

/// Holds that the monitor has said each line of that file, in this order: how often it tries again is a question of time.
#[track_caller]
fn said(text: &str, file: &str) {
    let file = format!("tests/commands_page/{file}");
    let shown = read(&file);
    let mut lines = text.lines();
    let is_said = |line: &str| lines.any(|said| said == line);
    if shown.is_empty() || !shown.lines().all(is_said) {
        let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert.eq(text.to_owned(), snapbox::Data::read_from(&file, None).raw());
    }
}

/// What a monitor with these arguments says while its exit node dies and comes back.
fn told(arguments: &[&str]) -> String {
    let fake = tailnet();
    // Time enough for a busy machine.
    let mut settings = hasty_settings();
    for time in ["checkInterval", "checkTimeout"] {
        settings[time] = "700ms".into();
    }
    let mut monitor = Monitor::new(fake.socket(), &settings).with(arguments);
    monitor.start_again();
    let has_said = |monitor: &Monitor, what: &str| monitor.wait_until(|| monitor.said().contains(what));
    monitor.wait_for(|report| phase(report) == "home");
    fake.change(|world| world.dead.insert("gamma".to_owned()));
    has_said(&monitor, "alarm: exit node: ");
    fake.change(|world| world.dead.clear());
    has_said(&monitor, "over: exit node: ");
    monitor.stop();
    monitor.said()
}

#[test]
fn what_the_monitor_says_is_what_the_page_shows() {
    let (acted, rehearsed) = std::thread::scope(|scope| {
        let rehearsed = scope.spawn(|| told(&["--dry-run"]));
        (told(&[]), rehearsed.join().expect("it ends"))
    });
    said(&acted, "monitor.txt");
    said(&rehearsed, "dry-run.txt");
}

#[test]
fn what_nginx_logged_is_shown_as_on_the_page() {
    let request = "100.64.0.1 - - [20/Nov/2026:03:12:05 +0100] \"GET /api/version HTTP/1.1\"";
    let place = Place::new()
        .with("nginx/access.log", format!("{request} 200 19\n{request} 502 157\n"))
        .with(
            "bin/journalctl",
            "#!/bin/sh\necho 'Nov 20 03:12:05 alpha nginx[812]: connect() failed (111: Connection refused) while connecting to upstream'\n",
        );
    let journalctl = place.path("bin/journalctl");
    std::fs::set_permissions(journalctl, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let directory = place.path("nginx").display().to_string();
    let mut command = place.command(TSCTL);
    command.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    let ended = Ended::of(command.args(["nginx", "logs", "--directory", &directory]));
    ended.status(0).err("");
    let shown = ended.stdout().replace(&directory, "/var/log/nginx");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands_page/nginx-logs.txt");
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(shown, snapbox::Data::read_from(&file, None).raw());
}

#[test]
fn the_page_names_every_check() {
    let page = read("docs/commands.md");
    let place = crate::support::run::Place::new();
    let listed = crate::support::run::Ended::of(place.command(crate::support::run::TSCTL).args(["doctor", "--list"]));
    let out = listed.stdout();
    assert!(out.lines().count() > 20);
    for line in out.lines() {
        let (id, title) = line.split_at(14);
        let row = format!("| `{}` | {title} |\n", id.trim());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn the_page_of_the_firewall_shows_what_fw_status_prints() {
    let page = read("docs/firewall.md");
    let shown = page
        .split("```console\n# fw-status\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    // The test of the command holds this file against a real kernel.
    assert_eq!(shown, Some(read("tests/fw_status/status.txt").as_str()));
}
