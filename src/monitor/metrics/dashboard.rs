//! The dashboard for Grafana.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Kind, LIST, Metric, Unit};

/// Grafana's grid has so many columns.
const COLUMNS: usize = 24;
/// A panel has so many.
const WIDTH: usize = 8;
/// And so many rows.
const HEIGHT: usize = 7;

/// The metrics as a dashboard (JSON), for Grafana's provisioning or its import: a row for each group, a panel for each
/// title. It asks for the data source and the hosts when it is opened.
pub fn dashboard() -> String {
    let mut panels = Vec::new();
    let mut top = 0;
    for (group, metrics) in LIST {
        let id = panels.len() + 1;
        panels.push(json!({
            "id": id,
            "type": "row",
            "title": group.title(),
            "collapsed": false,
            "gridPos": { "h": 1, "w": COLUMNS, "x": 0, "y": top },
            "panels": [],
        }));
        top += 1;
        let drawn = drawn(metrics);
        for (position, (title, metrics)) in drawn.iter().enumerate() {
            let left = position % (COLUMNS / WIDTH) * WIDTH;
            let below = position / (COLUMNS / WIDTH) * HEIGHT;
            let id = panels.len() + 1;
            panels.push(panel(id, title, metrics, (left, top + below)));
        }
        top += drawn.len().div_ceil(COLUMNS / WIDTH) * HEIGHT;
    }
    let dashboard = json!({
        "uid": "tailwright",
        "title": "Tailwright monitor",
        "description": "Failover, diagnosis and probes of tailwright's monitor. `tsctl metrics --dashboard` prints this file.",
        "tags": ["tailwright", "tailscale"],
        "schemaVersion": 39,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "time": { "from": "now-6h", "to": "now" },
        "refresh": "30s",
        "timezone": "",
        "annotations": { "list": [{
            "name": "Moves",
            "enable": true,
            "datasource": datasource(),
            "expr": "changes(tailwright_failover_last_move_time_seconds{instance=~\"$instance\"}[1m]) > 0",
            "iconColor": "orange",
            "titleFormat": "Move",
        }] },
        "templating": { "list": [
            {
                "name": "datasource",
                "label": "Data source",
                "type": "datasource",
                "query": "prometheus",
                "refresh": 1,
            },
            {
                "name": "instance",
                "label": "Host",
                "type": "query",
                "datasource": datasource(),
                "query": {
                    "query": "label_values(tailwright_build_info, instance)",
                    "refId": "instance",
                },
                "refresh": 2,
                "sort": 1,
                "includeAll": true,
                "multi": true,
                "allValue": ".*",
                "current": { "selected": true, "text": "All", "value": "$__all" },
            },
        ] },
        "panels": panels,
    });
    // Maps of JSON keep no order but that of their names: the text is always the same.
    format!("{dashboard:#}\n")
}

/// The panels of a group in the order in which the list first names them.
fn drawn(metrics: &'static [Metric]) -> Vec<(&'static str, Vec<&'static Metric>)> {
    let mut order: Vec<&'static str> = Vec::new();
    let mut by_title: BTreeMap<&'static str, Vec<&'static Metric>> = BTreeMap::new();
    for metric in metrics {
        let Some(title) = metric.panel else { continue };
        if !order.contains(&title) {
            order.push(title);
        }
        by_title.entry(title).or_default().push(metric);
    }
    order
        .into_iter()
        .map(|title| (title, by_title.remove(title).unwrap_or_default()))
        .collect()
}

fn panel(id: usize, title: &str, metrics: &[&Metric], (left, top): (usize, usize)) -> Value {
    let unit = metrics.first().map_or(Unit::Count, |metric| metric.unit);
    let targets: Vec<Value> = metrics
        .iter()
        .zip('A'..='Z')
        .map(|(metric, id)| {
            json!({
                "refId": id.to_string(),
                "datasource": datasource(),
                "expr": expression(metric),
                "legendFormat": legend(metric, metrics.len() > 1),
                "instant": is_instant(unit),
                "range": !is_instant(unit),
            })
        })
        .collect();
    let description: Vec<&str> = metrics.iter().map(|metric| metric.help).collect();
    json!({
        "id": id,
        "type": match unit {
            Unit::State => "state-timeline",
            Unit::Info | Unit::Time => "stat",
            Unit::Seconds | Unit::Ratio | Unit::Flag | Unit::Count => "timeseries",
        },
        "title": title,
        "description": description.join("\n"),
        "datasource": datasource(),
        "gridPos": { "h": HEIGHT, "w": WIDTH, "x": left, "y": top },
        "fieldConfig": { "defaults": { "unit": grafana_unit(unit), "min": minimum(unit) }, "overrides": [] },
        "options": match unit {
            Unit::Info => json!({ "textMode": "name" }),
            _ => json!({}),
        },
        "targets": targets,
    })
}

fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

fn expression(metric: &Metric) -> String {
    let selected = format!("{}{{instance=~\"$instance\"}}", metric.name);
    match (metric.kind, metric.unit) {
        (Kind::Counter, _) => format!("increase({selected}[$__rate_interval])"),
        // Grafana reckons times in milliseconds.
        (Kind::Gauge, Unit::Time) => format!("{selected} * 1000"),
        (Kind::Gauge, Unit::State) => format!("{selected} == 1"),
        (Kind::Gauge, _) => selected,
    }
}

fn legend(metric: &Metric, is_one_of_many: bool) -> String {
    let mut words = vec!["{{instance}}".to_owned()];
    words.extend(metric.labels.iter().map(|label| format!("{{{{{label}}}}}")));
    if is_one_of_many {
        let name = metric.name.trim_start_matches("tailwright_");
        words.push(
            name.trim_end_matches("_total")
                .trim_end_matches("_seconds")
                .replace('_', " "),
        );
    }
    words.join(" ")
}

fn is_instant(unit: Unit) -> bool {
    matches!(unit, Unit::Info | Unit::Time)
}

fn grafana_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Time => "dateTimeFromNow",
        Unit::Ratio => "percentunit",
        Unit::Flag => "bool",
        Unit::State | Unit::Info | Unit::Count => "short",
    }
}

fn minimum(unit: Unit) -> Value {
    match unit {
        Unit::Time => Value::Null,
        _ => json!(0),
    }
}
