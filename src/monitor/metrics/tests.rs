mod read;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use self::read::{Sample, read};
use super::samples::Samples;
use super::*;
use crate::monitor::Report;

fn report() -> Report {
    serde_json::from_str(include_str!("../../../tests/fixtures/metrics/report.json")).unwrap()
}

fn value(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let samples = read(text).unwrap();
    let wanted: BTreeMap<String, String> = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    samples
        .iter()
        .find(|sample| sample.name == name && sample.labels == wanted)
        .map(|sample| sample.value)
}

#[test]
fn names_units_and_labels_follow_the_conventions() {
    let mut names = BTreeSet::new();
    for metric in metrics() {
        let name = metric.name;
        assert!(names.insert(name), "{name} is there twice");
        assert!(
            name.starts_with("tailwright_")
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{name}"
        );
        assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
        assert!(name.ends_with(metric.unit.suffix()), "{name}");
        assert_eq!(name.ends_with("_time_seconds"), metric.unit == Unit::Time, "{name}");
        for (suffix, unit) in [("_ratio", Unit::Ratio), ("_info", Unit::Info)] {
            assert_eq!(name.ends_with(suffix), metric.unit == unit, "{name}");
        }
        assert!(metric.help.ends_with('.') && !metric.help.contains('\n'), "{name}");
        assert!(!metric.field.is_empty(), "{name}");
        for label in metric.labels {
            let is_plain = label.bytes().all(|b| b.is_ascii_lowercase());
            // Prometheus sets these itself, or keeps them for histograms and summaries.
            assert!(
                is_plain && !["instance", "job", "le", "quantile"].contains(label),
                "{name}"
            );
        }
        assert!(metric.unit != Unit::State || !metric.labels.is_empty(), "{name}");
    }
    assert_eq!(metrics().last().map(|metric| metric.name), Some(exposition::LEFT_OUT));
}

#[test]
fn alerts_ask_for_metrics_and_labels_that_there_are() {
    let mut names = BTreeSet::new();
    for metric in metrics() {
        for alert in metric.alerts {
            assert!(names.insert(alert.name), "{} is there twice", alert.name);
            assert!(alert.when.contains("$metric"), "{}", alert.name);
            let expression = alert.expression(metric.name);
            for word in expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let is_known = !word.starts_with("tailwright_") || metrics().any(|metric| metric.name == word);
                assert!(is_known, "{}: {word}", alert.name);
            }
            for text in [alert.summary, alert.what_to_do] {
                assert!(!text.contains('\n'), "{}", alert.name);
                for part in text.split("$labels.").skip(1) {
                    let label = part.split(' ').next().unwrap();
                    assert!(
                        label == "instance" || metric.labels.contains(&label),
                        "{}: {label}",
                        alert.name
                    );
                }
            }
        }
    }
    assert!(names.len() > 10);
}

#[test]
fn a_report_is_written_in_base_units() {
    let text = exposition(&report());
    let is = |name: &str, labels: &[(&str, &str)], expected: f64| {
        assert_eq!(value(&text, name, labels), Some(expected), "{name} {labels:?}\n{text}");
    };
    is("tailwright_monitor_report_time_seconds", &[], 1_795_147_500.25);
    is("tailwright_monitor_check_interval_seconds", &[], 30.0);
    is("tailwright_monitor_mode", &[("mode", "act")], 1.0);
    is("tailwright_monitor_mode", &[("mode", "dry-run")], 0.0);
    is(
        "tailwright_failover_phase",
        &[("subject", "exit node"), ("phase", "away")],
        1.0,
    );
    is(
        "tailwright_failover_phase",
        &[("subject", "service db"), ("phase", "away")],
        0.0,
    );
    let beta = [("subject", "exit node"), ("setting", "exit node beta")];
    is("tailwright_failover_setting_in_force", &beta, 1.0);
    let gate = [("subject", "exit node"), ("setting", "exit node gate")];
    is("tailwright_failover_setting_in_force", &gate, 0.0);
    is("tailwright_failover_setting_bad_checks", &gate, 17.0);
    is("tailwright_failover_hold_down_end_time_seconds", &gate, 1_795_147_620.0);
    is("tailwright_failover_refused", &[("subject", "service db")], 1.0);
    is("tailwright_failed_layers", &[("layer", "peer"), ("role", "cause")], 1.0);
    is(
        "tailwright_failed_layers",
        &[("layer", "exit-node"), ("role", "follows")],
        1.0,
    );
    is("tailwright_failed_layers", &[("layer", "link"), ("role", "cause")], 0.0);
    is("tailwright_alarms", &[("alarm", "away")], 1.0);
    is("tailwright_node_key_expiry_time_seconds", &[], 1_795_579_200.0);
    let ping = [("target", "gate"), ("kind", "ping")];
    is("tailwright_probe_latency_p50_seconds", &ping, 0.0034);
    is("tailwright_probe_latency_p95_seconds", &ping, 0.0098);
    is("tailwright_probe_jitter_seconds", &ping, 0.000_45);
    is("tailwright_probe_loss_ratio", &ping, 0.85);
    is(
        "tailwright_probe_verdict",
        &[("target", "gate"), ("kind", "ping"), ("verdict", "down")],
        1.0,
    );
    is(
        "tailwright_probe_path",
        &[("target", "gate"), ("kind", "ping"), ("path", "derp")],
        1.0,
    );
    is(
        "tailwright_probe_verdict",
        &[("target", "resolver"), ("kind", "dns"), ("verdict", "unknown")],
        1.0,
    );
    is("tailwright_probes_total", &[], 4_021.0);
    is("tailwright_metrics_left_out", &[], 0.0);
    // What was never measured has no latency and no loss.
    let resolver = [("target", "resolver"), ("kind", "dns")];
    for name in ["tailwright_probe_latency_p50_seconds", "tailwright_probe_loss_ratio"] {
        assert_eq!(value(&text, name, &resolver), None);
    }
}

#[test]
fn every_metric_is_made_from_something() {
    let text = exposition(&report());
    for metric in metrics() {
        assert!(text.contains(&format!("# TYPE {} ", metric.name)), "{}", metric.name);
    }
}

#[test]
fn what_others_say_is_no_label() {
    let mut report: Value = serde_json::from_str(include_str!("../../../tests/fixtures/metrics/report.json")).unwrap();
    let foreign = serde_json::json!({ "exit-node": { "other": "nFOREIGN" } });
    report["subjects"][0]["standing"] = foreign.clone();
    report["subjects"][0]["settings"]
        .as_array_mut()
        .unwrap()
        .insert(0, serde_json::json!({ "setting": foreign, "level": "good" }));
    report["diagnosis"]["failures"] = serde_json::json!([{ "layer": { "peer": "evil\"peer" }, "followsFrom": null }]);
    report["readings"][0]["path"] = serde_json::json!({ "derp": "EVILREGION" });
    let text = exposition(&serde_json::from_value(report).unwrap());
    for word in ["FOREIGN", "evil", "EVILREGION"] {
        assert!(!text.contains(word), "{text}");
    }
    assert!(text.contains("setting=\"other exit node\"} 1"), "{text}");
}

#[test]
fn the_number_of_samples_is_bounded_and_the_rest_is_counted() {
    let mut report = report();
    let reading = report.readings.remove(0);
    report.readings = (0..u64::try_from(MOST).unwrap() + 7)
        .map(|number| {
            let mut reading = reading.clone();
            reading.target = format!("target {number}");
            reading
        })
        .collect();
    let text = exposition(&report);
    let count = text
        .lines()
        .filter(|line| line.starts_with("tailwright_probe_loss_ratio{"))
        .count();
    assert_eq!(count, MOST);
    let left_out = value(&text, "tailwright_metrics_left_out", &[]).unwrap();
    assert!(left_out >= 7.0, "{left_out}");
    assert!(text.len() < 2_000_000, "{}", text.len());
}

#[test]
fn a_label_that_is_too_long_or_there_already_is_left_out() {
    let mut samples = Samples::default();
    samples.add(["a"], 1.0);
    samples.add(["a"], 2.0);
    samples.add(["x".repeat(256).as_str()], 3.0);
    assert_eq!(samples.iter().map(|(_, value)| value).collect::<Vec<_>>(), [1.0]);
    assert_eq!(samples.left_out(), 2);
}

#[test]
fn the_dashboard_is_complete_and_its_numbers_are_unique() {
    let dashboard: Value = serde_json::from_str(&dashboard()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let of = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(of("x") + of("w") <= 24);
        for x in of("x")..of("x") + of("w") {
            for y in of("y")..of("y") + of("h") {
                assert!(taken.insert((x, y)), "two panels at {x}, {y}");
            }
        }
    }
    let drawn = dashboard.to_string();
    for metric in metrics().filter(|metric| metric.panel.is_some()) {
        assert!(drawn.contains(&format!("{}{{", metric.name)), "{}", metric.name);
    }
    // A panel has one unit.
    for (_, metrics) in LIST {
        for metric in metrics {
            let mut others = metrics
                .iter()
                .filter(|other| other.panel == metric.panel && metric.panel.is_some());
            assert!(others.all(|other| other.unit == metric.unit), "{}", metric.name);
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        target in any::<String>(),
        kind in "\\PC{0,12}",
        sent in 1_u64..1_000_000,
        lost in 0_u64..1_000_000,
        p50 in proptest::option::of(0_u64..10_000_000_000),
        at in 0_u64..10_000_000_000_000,
    ) {
        let mut report = report();
        report.at = crate::monitor::Moment::from_millis(at);
        report.readings.truncate(1);
        report.readings[0].target.clone_from(&target);
        report.readings[0].kind.clone_from(&kind);
        report.readings[0].statistics.sent = sent;
        report.readings[0].statistics.lost = lost;
        report.readings[0].statistics.p50 = p50;
        let text = exposition(&report);
        let samples = read(&text).unwrap();
        let labels = [("target", target.as_str()), ("kind", kind.as_str())];
        let is_short = target.len() < 256 && kind.len() < 256;
        let approximately = |name: &str, expected: Option<f64>| {
            match (value(&text, name, &labels), expected.filter(|_| is_short)) {
                (Some(found), Some(expected)) => (found - expected).abs() <= expected.abs() * 1e-12,
                (found, expected) => found == expected,
            }
        };
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let (loss, median) = (lost as f64 / sent as f64, p50.map(|micros| micros as f64 / 1e6));
        prop_assert!(approximately("tailwright_probe_loss_ratio", Some(loss)));
        prop_assert!(approximately("tailwright_probe_latency_p50_seconds", median));
        // Every sample once, and of a metric that is in the list.
        let mut seen = BTreeSet::new();
        for Sample { name, labels, .. } in samples {
            prop_assert!(metrics().any(|metric| metric.name == name));
            prop_assert!(seen.insert((name, labels)));
        }
    }
}
