//! The metrics of the monitor, as Prometheus and Grafana take them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tailwright::diagnostic::{Report, human};
use tailwright::monitor;
use tailwright::monitor::metrics::{LIST, dashboard, exposition, metrics, rules};
use tailwright::profile::load;

use crate::support::scratch::Scratch;
use crate::support::tool;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn report() -> monitor::Report {
    let path = root().join("tests/fixtures/metrics/report.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What promtool says of these metrics: nothing where it likes them.
pub fn check(promtool: &PathBuf, text: &str) -> Result<(), String> {
    let mut child = Command::new(promtool)
        .args(["check", "metrics", "--extended"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints)
    }
}

#[test]
fn promtool_takes_what_is_scraped() {
    let Some(promtool) = tool::part("promtool") else { return };
    let mut report = report();
    check(&promtool, &exposition(&report)).unwrap();
    // Whatever a target is called.
    report.readings[0].target = "a\"b\\c\nd{}, é\t\r#".to_owned();
    let text = exposition(&report);
    check(&promtool, &text).unwrap();
    // It would complain.
    for (right, wrong) in [
        ("a\\\"b", "a\"b"),
        (
            "# TYPE tailwright_probes_total counter",
            "# TYPE tailwright_probes_total gauge",
        ),
        ("# HELP tailwright_probes_total", "# HELPS tailwright_probes_total"),
    ] {
        let broken = text.replace(right, wrong);
        assert_ne!(broken, text, "{right}");
        assert!(check(&promtool, &broken).is_err(), "{wrong}");
    }
}

#[test]
fn promtool_takes_the_rules_and_they_fire_when_they_should() {
    let Some(promtool) = tool::part("promtool") else { return };
    let scratch = Scratch::new();
    let file = scratch.write("rules.yml", rules());
    let said = tool::accepted(&tool::run(
        Command::new(&promtool)
            .args(["check", "rules", "--lint=all", "--lint-fatal"])
            .arg(&file),
    ))
    .unwrap_or_else(|said| panic!("{said}"));
    let alerts: usize = metrics().map(|metric| metric.alerts.len()).sum();
    assert!(said.contains(&format!("{alerts} rules found")), "{said}");
    let tests = std::fs::read(root().join("tests/fixtures/metrics/rules_test.yml")).unwrap();
    let tests = scratch.write("rules_test.yml", tests);
    let run = || tool::accepted(&tool::run(Command::new(&promtool).args(["test", "rules"]).arg(&tests)));
    run().unwrap_or_else(|said| panic!("{said}"));
    // It would see an alert that fires late.
    scratch.write("rules.yml", rules().replace("for: 2m", "for: 20m"));
    assert!(run().is_err());
}

#[test]
fn prometheus_reads_every_expression_of_the_dashboard() {
    let Some(promtool) = tool::part("promtool") else { return };
    let dashboard: Value = serde_json::from_str(&dashboard()).unwrap();
    let mut expressions = BTreeSet::new();
    let mut sources = BTreeSet::new();
    walk(&dashboard, &mut |name, value| match (name, value) {
        ("expr", Value::String(text)) => {
            expressions.insert(text.clone());
        }
        ("datasource", source) => {
            sources.insert(source.to_string());
        }
        _ => {}
    });
    // Grafana asks which Prometheus it is, and puts it in everywhere.
    assert_eq!(
        sources.into_iter().collect::<Vec<_>>(),
        [r#"{"type":"prometheus","uid":"${datasource}"}"#]
    );
    let variables: Vec<&str> = dashboard["templating"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["name"].as_str().unwrap())
        .collect();
    assert_eq!(variables, ["datasource", "instance"]);
    assert!(dashboard["schemaVersion"].as_u64().unwrap() > 30 && !dashboard["uid"].as_str().unwrap().is_empty());
    let drawn = metrics().filter(|metric| metric.panel.is_some()).count();
    // Each metric, and the marks of moves.
    assert_eq!(expressions.len(), drawn + 1);
    let mut rules = String::from("groups:\n  - name: dashboard\n    rules:\n");
    for (number, expression) in expressions.iter().enumerate() {
        let plain = expression.replace("$__rate_interval", "5m").replace("$instance", ".*");
        assert!(!plain.contains('$'), "{plain}");
        writeln!(rules, "      - record: dashboard:{number}\n        expr: '{plain}'").unwrap();
    }
    let scratch = Scratch::new();
    let file = scratch.write("dashboard.yml", &rules);
    let accepts = |file: &Path| tool::accepted(&tool::run(Command::new(&promtool).args(["check", "rules"]).arg(file)));
    accepts(&file).unwrap_or_else(|said| panic!("{said}"));
    let broken = scratch.write("broken.yml", rules.replacen("[5m]", "[5m", 1));
    assert!(accepts(&broken).is_err());
}

fn walk(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                visit(name, value);
                walk(value, visit);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

/// The findings of a host whose monitor has these options for metrics.
fn findings(options: &str) -> String {
    let profile = format!(
        "{{ host.name = \"a\"; network.vpn.tailscale.enable = true; network.monitoring.tailscale = {{ enable = true; \
         metrics = {{ {options} }}; }}; }}"
    );
    let profile = load("host.nix", profile.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let report = Report::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut out = Vec::new();
    human(&report, false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn only_this_host_is_served() {
    for good in [
        "listen = \"127.0.0.1:9811\";",
        "listen = \"[::1]:9811\";",
        "listen = \"/run/tailwright-monitor/metrics.sock\";",
        "textfile = \"/var/lib/node-exporter/tailwright.prom\";",
        "",
    ] {
        assert_eq!(findings(good), "", "{good}");
    }
    for (bad, said) in [
        ("listen = \"0.0.0.0:9811\";", "other hosts could read"),
        ("listen = \"100.64.0.9:9811\";", "other hosts could read"),
        ("listen = \":9811\";", "127.0.0.1:9811"),
        (
            "listen = \"/run/elsewhere/metrics.sock\";",
            "outside /run/tailwright-monitor",
        ),
        ("listen = \"/run/tailwright-monitor/a/b.sock\";", "no directory below"),
        (
            "listen = \"/run/tailwright-monitor/control.sock\";",
            "the commands of tsctl speak to this socket",
        ),
        (
            "textfile = \"/var/lib/node-exporter/tailwright.txt\";",
            "does not end in .prom",
        ),
        ("textfile = \"/nix/store/x/tailwright.prom\";", "cannot be written to"),
        ("lissten = \"127.0.0.1:9811\";", "listen"),
    ] {
        let out = findings(bad);
        assert!(out.contains(said), "{bad}: {out}");
    }
}

/// The table of `docs/metrics.md`.
fn table() -> String {
    let mut out = String::new();
    for (group, metrics) in LIST {
        writeln!(out, "### {}\n", group.title()).unwrap();
        writeln!(
            out,
            "| metric | type | values | labels | means | from |\n|---|---|---|---|---|---|"
        )
        .unwrap();
        for metric in metrics {
            let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            writeln!(
                out,
                "| `{}` | {} | {} | {} | {} | `{}` |",
                metric.name,
                metric.kind.name(),
                metric.unit.words(),
                labels.join(", "),
                metric.help,
                metric.field
            )
            .unwrap();
        }
        writeln!(out).unwrap();
    }
    writeln!(
        out,
        "## The alerts\n\n| alert | when | for | severity |\n|---|---|---|---|"
    )
    .unwrap();
    for metric in metrics() {
        for alert in metric.alerts {
            let when = alert.expression(metric.name);
            writeln!(
                out,
                "| {} | `{when}` | {} | {} |",
                alert.name,
                alert.after,
                alert.severity.as_str()
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn the_documents_show_what_is_there() {
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    let page = root().join("docs/metrics.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once("## The list\n").unwrap();
    let tail = rest
        .split_once("\n<!-- end of the list -->")
        .map_or("", |(_, tail)| tail);
    let whole = format!("{head}## The list\n\n{}\n<!-- end of the list -->{tail}", table());
    let golden = |path: &Path| snapbox::Data::read_from(path, Some(snapbox::data::DataFormat::Text)).raw();
    assert.eq(whole, golden(&page));
    assert.eq(rules(), golden(&root().join("docs/metrics/tailwright-rules.yml")));
    assert.eq(
        dashboard(),
        golden(&root().join("docs/metrics/tailwright-dashboard.json")),
    );
}
