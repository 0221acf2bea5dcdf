//! docs/commands.md and docs/firewall.md show what the commands print, and the first names every check.

use std::path::Path;

/// The outputs that the page shows, which other tests hold against the commands.
const SHOWN: &[&str] = &[
    "tailnet/status/tests/good-80.txt",
    "tailnet/status/tests/failed-over-80.txt",
    "tailnet/status/tests/routes-waiting-80.txt",
    "tailnet/status/tests/away-80.txt",
    "tailnet/quality/tests/mixed-80.txt",
    "tailnet/auth/tests/needs-login-80.txt",
    "tailnet/cert/tests/ends-soon-80.txt",
    "tailnet/cert/tests/good-80.txt",
    "tailnet/cert/tests/refused-80.txt",
    "nginx/tests/refused-80.txt",
    "why/tests/at-80.txt",
    "why/tests/last-80.txt",
    "monitor_logs/tests/decisions-80.txt",
    "monitor_logs/tests/forbidden-80.txt",
    "failover/status/tests/away-80.txt",
    "failover/tests/pause-80.txt",
    "failover/tests/resume-80.txt",
    "failover/tests/switch-80.txt",
    "failover/tests/restore-80.txt",
    "monitor/tests/settings-80.txt",
    "failover/status/tests/home-80.txt",
    "doctor/tests/good-80.txt",
    "doctor/tests/bad-night-80.txt",
    "benchmark/tests/slow-80.txt",
];

#[test]
fn the_page_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let page = read(&root.join("docs/commands.md"));
    let shown: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    let printed: Vec<String> = SHOWN
        .iter()
        .map(|file| read(&root.join("src/host").join(file)))
        .collect();
    assert_eq!(shown, printed);
}

#[test]
fn the_page_names_every_check() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md")).expect("the page");
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page = read("docs/firewall.md");
    let shown = page
        .split("```console\n# fw-status\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    // The test of the command holds this file against a real kernel.
    assert_eq!(shown, Some(read("tests/fw_status/status.txt").as_str()));
}
