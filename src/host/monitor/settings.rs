//! The settings of the monitor, read from their file.

use std::path::Path;

use serde::Deserialize;

use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::model::{FailoverAction, MonitorSettings, ProbeTarget, Probes, SettingsVersion};

/// Longer files are no settings.
const LIMIT: usize = 1 << 20;

/// The settings in a file. What is wrong is said with its place: a version that this program does not read, a field that it
/// does not know, a number that makes no sense.
pub(crate) fn read(path: &Path) -> Result<MonitorSettings, Failure> {
    let text = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Program(format!(
            "there is no {}, which a rendered host has. To read another: tsctl monitor --config FILE",
            printable(path)
        )),
        _ => Failure::file("read", path)(error),
    })?;
    parse(&text).map_err(|reason| Failure::Refused(format!("{}: {reason}", printable(path))))
}

/// The settings in a text, or what is wrong with it, with its place.
pub(crate) fn parse(text: &[u8]) -> Result<MonitorSettings, String> {
    /// What every version has.
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    if text.len() > LIMIT {
        return Err(format!("it has more than {} KiB", LIMIT >> 10));
    }
    // The version first: another one has other fields, and these are not what is wrong.
    let Versioned { version } = serde_json::from_slice(text).map_err(|error| place(&error))?;
    if version != SettingsVersion::NUMBER {
        return Err(format!(
            "the settings are of version {version}, and this program reads version {}: render them again, or update the program",
            SettingsVersion::NUMBER
        ));
    }
    let settings: MonitorSettings = serde_json::from_slice(text).map_err(|error| place(&error))?;
    make_sense(&settings)?;
    Ok(settings)
}

/// What serde says, with the place before it and without the list of everything that would be right.
fn place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    let what = match what.split_once(", expected one of ") {
        Some((what, _)) if what.starts_with("unknown field") => {
            format!("{what}: mistyped, or of another version of the program")
        }
        _ => what.to_owned(),
    };
    match error.line() {
        0 => what,
        line => format!("line {line}, column {}: {what}", error.column()),
    }
}

/// The same bounds as a profile has: whoever writes this file by hand must not stop the monitor from measuring, or make it
/// act on nothing.
fn make_sense(settings: &MonitorSettings) -> Result<(), String> {
    let in_range = |name: &str, number: u32, most: u32| {
        if (1..=most).contains(&number) {
            Ok(())
        } else {
            Err(format!("{name} is {number}: 1 to {most} make sense"))
        }
    };
    in_range("failureThreshold", settings.failure_threshold, 1_000)?;
    in_range("recoveryThreshold", settings.recovery_threshold, 1_000)?;
    in_range("failover.restartsPerDay", settings.failover.restarts_per_day, 24)?;
    let shares = [
        ("failover.failureShare", settings.failover.failure_share),
        ("failover.recoveryShare", settings.failover.recovery_share),
    ];
    for (name, share) in shares {
        let Some(share) = share else { continue };
        in_range(&format!("{name}.of"), share.of, 64)?;
        in_range(&format!("{name}.count"), share.count, share.of)?;
    }
    if settings.check_timeout > settings.check_interval {
        return Err(format!(
            "checkTimeout ({}) is longer than checkInterval ({})",
            settings.check_timeout, settings.check_interval
        ));
    }
    probes_make_sense(&settings.probes)?;
    if settings.failover.max_hold_down < settings.failover.hold_down {
        return Err("failover.maxHoldDown is shorter than failover.holdDown".to_owned());
    }
    if settings.failover.may(FailoverAction::LanAddress) {
        for (name, service) in &settings.failover.lan_services {
            if service.tailnet_address.name().is_none() {
                return Err(format!(
                    "failover.lanServices.{name}.tailnetAddress is an address: only a name can lead to another address"
                ));
            }
        }
    }
    Ok(())
}

fn probes_make_sense(probes: &Probes) -> Result<(), String> {
    let lists = [
        ("probes.internet", probes.internet.len(), Probes::MOST_ALTERNATIVES),
        ("probes.egress.dns", probes.egress.dns.len(), Probes::MOST_ALTERNATIVES),
        (
            "probes.egress.http",
            probes.egress.http.len(),
            Probes::MOST_ALTERNATIVES,
        ),
        ("probes.targets", probes.targets.len(), Probes::MOST_TARGETS),
    ];
    for (name, many, most) in lists {
        if many > most {
            return Err(format!("{name} has {many}: at most {most} are measured"));
        }
    }
    for (name, target) in &probes.targets {
        if target.interval < ProbeTarget::SHORTEST {
            return Err(format!(
                "probes.targets.{name}.interval is {}: a target is asked every {} at most",
                target.interval,
                ProbeTarget::SHORTEST
            ));
        }
        if target.timeout > target.interval {
            return Err(format!(
                "probes.targets.{name}.timeout ({}) is longer than its interval ({})",
                target.timeout, target.interval
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "version": 1, "host": "kernelcore", "interface": "tailscale0", "checkInterval": "30s", "checkTimeout": "5s",
            "maxLatency": "200ms", "maxPacketLoss": 5, "failureThreshold": 3, "recoveryThreshold": 5, "autoFailover": true,
            "failover": {
                "actions": ["exit-node", "lan-address"], "holdDown": "2m", "maxHoldDown": "1h", "minDwell": "2m",
                "moveWindow": "1m", "returnAfter": "5m", "restartInterval": "10m", "restartsPerDay": 3, "dryRun": false,
                "restoreOnStop": true,
                "lanServices": {"db": {"tailnetAddress": "nas", "lanAddress": "192.168.15.5", "port": 5432}},
            },
            "acceptRoutes": false, "exitNodeLanAccess": false, "exitNode": "gate", "exitNodes": ["gate", "spare"],
            "management": [{"via": "tailscale0", "transport": "tcp", "ports": "22"}],
        })
    }

    fn said(change: impl FnOnce(&mut Value)) -> String {
        let mut settings = good();
        change(&mut settings);
        parse(settings.to_string().as_bytes()).expect_err("it is refused")
    }

    #[test]
    fn good_settings_are_read() {
        parse(good().to_string().as_bytes()).expect("they are good");
    }

    #[test]
    fn another_version_is_told_before_its_fields() {
        let said = said(|settings| {
            settings["version"] = 2.into();
            settings["later"] = true.into();
        });
        assert!(
            said.contains("version 2") && said.contains("render them again"),
            "{said}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let unknown = said(|settings| settings["failover"]["eager"] = true.into());
        assert!(
            unknown.starts_with("line 1, column ") && unknown.contains("unknown field `eager`"),
            "{unknown}"
        );
        assert!(!unknown.contains("expected one of"), "{unknown}");
        let text = String::from_utf8(serde_json::to_vec_pretty(&good()).unwrap()).unwrap();
        let cut = &text[..text.len() / 2];
        assert!(parse(cut.as_bytes()).unwrap_err().contains("line "), "{cut}");
        assert!(parse(b"").is_err() && parse(b"[]").is_err() && parse(&vec![b' '; LIMIT + 1]).is_err());
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        for (place, value, name) in [
            ("/failureThreshold", json!(0), "failureThreshold"),
            ("/recoveryThreshold", json!(1_001), "recoveryThreshold"),
            ("/failover/restartsPerDay", json!(0), "restartsPerDay"),
            ("/failover/maxHoldDown", json!("1m"), "maxHoldDown"),
            ("/checkTimeout", json!("31s"), "checkTimeout"),
            (
                "/failover/lanServices/db/tailnetAddress",
                json!("100.64.0.5"),
                "lanServices.db",
            ),
        ] {
            let said = said(|settings| *settings.pointer_mut(place).unwrap() = value);
            assert!(said.contains(name), "{said}");
        }
        let target = |number: usize, interval: &str, timeout: &str| {
            let asked = format!("192.0.2.{}:80", number % 250 + 1);
            json!({
                "ask": {"tcp": asked}, "interval": interval, "timeout": timeout, "maxLatency": "200ms", "maxPacketLoss": 5,
            })
        };
        let probes = |targets: Value| json!({"internet": [], "egress": {"dns": [], "http": []}, "targets": targets});
        let many: serde_json::Map<String, Value> = (0..33)
            .map(|number| (format!("t{number}"), target(number, "30s", "1s")))
            .collect();
        for (targets, words) in [
            (many.into(), "probes.targets has 33"),
            (
                json!({"web": target(1, "100ms", "100ms")}),
                "probes.targets.web.interval",
            ),
            (json!({"web": target(1, "1s", "2s")}), "probes.targets.web.timeout (2s)"),
        ] {
            let said = said(|settings| settings["probes"] = probes(targets));
            assert!(said.contains(words), "{said}");
        }
        let servers: Vec<String> = (1..10).map(|number| format!("192.0.2.{number}")).collect();
        let said_of_dns = said(|settings| {
            settings["probes"] = json!({"internet": [], "egress": {"dns": servers, "http": []}});
        });
        assert!(said_of_dns.contains("probes.egress.dns has 9"), "{said_of_dns}");
        let said = said(|settings| settings["failover"]["failureShare"] = json!({"count": 3, "of": 2}));
        assert!(said.contains("failureShare.count"), "{said}");
    }
}
