//! Hands units to systemd (`systemd-analyze verify`).

use std::fmt::Write;

use serde_json::Value;

use super::scratch::Scratch;
use super::tool;

/// Verifies unit files, given as (file name, text), together. A warning (an unknown key, say) counts as a refusal.
/// Programs in the Nix store and under `/run` do not exist here: `true` stands for them.
pub fn verify(units: &[(String, String)]) -> Result<(), String> {
    if units.is_empty() {
        return Ok(());
    }
    let Some(program) = tool::part("systemd-analyze") else {
        return Ok(());
    };
    let scratch = Scratch::new();
    let mut command = std::process::Command::new(program);
    command.args(["verify", "--man=no", "--recursive-errors=no"]);
    let own = tool::prefix().join("root/usr/lib/systemd/system");
    let folders = [
        scratch.path().display().to_string(),
        own.display().to_string(),
        String::new(),
    ];
    command.env("SYSTEMD_UNIT_PATH", folders.join(":"));
    for (name, text) in units {
        command.arg(scratch.write(name, present(text)));
    }
    let output = tool::run(&mut command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && said.trim().is_empty() {
        Ok(())
    } else {
        Err(said)
    }
}

/// How exposed systemd finds a service, from 0 (not at all) to 10 (`systemd-analyze security`), and what it says of it.
/// `None` only where the test may be left out.
pub fn exposure(name: &str, text: &str) -> Option<(f64, String)> {
    let program = tool::part("systemd-analyze")?;
    let scratch = Scratch::new();
    let unit = scratch.write(name, present(text));
    let mut command = std::process::Command::new(program);
    command.args(["security", "--offline=true", "--no-pager"]).arg(unit);
    let output = tool::run(&mut command);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let level = said
        .split_once("Overall exposure level for")
        .and_then(|(_, rest)| rest.split_once(": "))
        .and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
    let level = level.unwrap_or_else(|| panic!("no level: {said}{}", String::from_utf8_lossy(&output.stderr)));
    Some((level, said))
}

/// The files of every unit under `systemd.services`, `.timers`, `.sockets`, `.paths` and `.targets` of an evaluated
/// configuration, as NixOS writes them.
pub fn of_config(config: &Value) -> Vec<(String, String)> {
    let mut units = Vec::new();
    for (group, kind) in [
        ("services", "service"),
        ("timers", "timer"),
        ("sockets", "socket"),
        ("paths", "path"),
        ("targets", "target"),
    ] {
        let Some(Value::Object(entries)) = config["systemd"].get(group) else {
            continue;
        };
        for (name, unit) in entries {
            units.push((format!("{name}.{kind}"), unit_text(kind, unit)));
        }
    }
    units
}

fn unit_text(kind: &str, unit: &Value) -> String {
    let mut text = String::from("[Unit]\n");
    for (option, key) in [
        ("description", "Description"),
        ("documentation", "Documentation"),
        ("after", "After"),
        ("before", "Before"),
        ("wants", "Wants"),
        ("requires", "Requires"),
        ("requisite", "Requisite"),
        ("bindsTo", "BindsTo"),
        ("partOf", "PartOf"),
        ("conflicts", "Conflicts"),
        ("onFailure", "OnFailure"),
        ("onSuccess", "OnSuccess"),
        ("startLimitIntervalSec", "StartLimitIntervalSec"),
        ("startLimitBurst", "StartLimitBurst"),
    ] {
        if let Some(value) = unit.get(option) {
            let _ = writeln!(text, "{key}={}", words(value));
        }
    }
    settings(&mut text, unit.get("unitConfig"));
    let section = match kind {
        "service" => "Service",
        "timer" => "Timer",
        "socket" => "Socket",
        "path" => "Path",
        _ => return text,
    };
    let _ = writeln!(text, "\n[{section}]");
    let own = unit.get(format!("{kind}Config"));
    if kind == "service" {
        if let Some(Value::Object(environment)) = unit.get("environment") {
            for (name, value) in environment {
                let _ = writeln!(text, "Environment=\"{name}={}\"", words(value).replace('%', "%%"));
            }
        }
        for (option, key) in [
            ("script", "ExecStart"),
            ("preStart", "ExecStartPre"),
            ("postStart", "ExecStartPost"),
            ("reload", "ExecReload"),
            ("preStop", "ExecStop"),
            ("postStop", "ExecStopPost"),
        ] {
            if unit.get(option).is_some_and(|script| script.as_str() != Some("")) {
                let _ = writeln!(text, "{key}=/nix/store/script");
            }
        }
        let starts = own.and_then(|config| config.get("ExecStart")).is_some() || unit.get("script").is_some();
        if !starts {
            // Settings for a unit that another module defines (tailscaled, nginx).
            let _ = writeln!(text, "ExecStart=/nix/store/other");
        }
    }
    for (option, key) in [
        ("listenStreams", "ListenStream"),
        ("listenDatagrams", "ListenDatagram"),
        ("startAt", "OnCalendar"),
    ] {
        if let Some(value) = unit.get(option).filter(|_| kind != "service") {
            let _ = writeln!(text, "{key}={}", words(value));
        }
    }
    settings(&mut text, own);
    text
}

/// A list repeats its key, as NixOS writes it.
fn settings(text: &mut String, config: Option<&Value>) {
    let Some(Value::Object(config)) = config else { return };
    for (key, value) in config {
        match value {
            Value::Array(values) => values.iter().for_each(|value| {
                let _ = writeln!(text, "{key}={}", words(value));
            }),
            value => {
                let _ = writeln!(text, "{key}={}", words(value));
            }
        }
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text with a program that exists in the place of each that only the host has.
fn present(text: &str) -> String {
    let program = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let value = key.starts_with("Exec").then_some(value)?;
        let start = value.find('/')?;
        let (prefix, rest) = value.split_at(start);
        let (path, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
        let elsewhere = path.starts_with("/nix/store/") || path.starts_with("/run/");
        elsewhere.then(|| format!("{key}={prefix}/bin/true {arguments}"))
    };
    text.lines()
        .map(|line| program(line).unwrap_or_else(|| line.to_owned()) + "\n")
        .collect()
}

#[test]
fn systemd_takes_a_unit_and_refuses_wrong_keys_and_values() {
    let unit = |name: &str, service: &str| vec![(name.to_owned(), format!("[Service]\n{service}\n"))];
    if tool::part("systemd-analyze").is_none() {
        return;
    }
    assert_eq!(
        verify(&unit(
            "good.service",
            "ExecStart=/nix/store/x/bin/tsctl monitor\nDynamicUser=yes"
        )),
        Ok(())
    );
    for wrong in [
        "ExecStart=/bin/true\nDynamicUsers=yes",
        "ExecStart=/bin/true\nRestart=sometimes",
        "ExecStart=/no/such",
    ] {
        assert!(verify(&unit("wrong.service", wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn units_of_a_configuration_are_written_as_nixos_does() {
    let config = serde_json::json!({ "systemd": {
        "services": { "probe": {
            "description": "A probe",
            "after": ["network.target", "tailscaled.service"],
            "environment": { "LEVEL": "50%" },
            "serviceConfig": { "ExecStart": "/nix/store/x/bin/tsctl monitor", "Restart": "on-failure", "ReadWritePaths": ["/a", "/b"] },
        } },
        "timers": { "probe": { "wantedBy": ["timers.target"], "timerConfig": { "OnCalendar": "hourly" } } },
    } });
    let units = of_config(&config);
    assert!(
        units[0].1.contains("After=network.target tailscaled.service\n"),
        "{units:?}"
    );
    assert!(
        units[0].1.contains("ReadWritePaths=/a\nReadWritePaths=/b\n"),
        "{units:?}"
    );
    assert_eq!(verify(&units), Ok(()));
    let wrong =
        serde_json::json!({ "systemd": { "timers": { "probe": { "timerConfig": { "OnCalendar": "hourlyy" } } } } });
    assert!(verify(&of_config(&wrong)).is_err());
}
