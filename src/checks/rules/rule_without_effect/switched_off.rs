//! What is said about a thing that is switched off.

use super::finding;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{FirewallZones, Host, Idle, Zone, ZoneLog};

/// Options of a zone about its lines in the log or its limit of new connections, where there are none.
pub(super) fn of_zone(zone: &Zone) -> Vec<Finding> {
    let whose = format!(" of zone {}", zone.name);
    zone.idle
        .iter()
        .map(|idle| switched_off(*idle, &whose, |name| zone.field(name)))
        .collect()
}

/// Options about the log of all zones, where no zone has a log of its own that takes them over.
pub(super) fn of_all(host: &Host, zones: &FirewallZones) -> Vec<Finding> {
    if zones.zones.values().any(|zone| matches!(zone.log, ZoneLog::Own { .. })) {
        return Vec::new();
    }
    let group = host.field("network.security.firewall-zones");
    zones
        .idle
        .iter()
        .map(|idle| switched_off(*idle, "", |name| group.name(name)))
        .collect()
}

fn switched_off(idle: Idle, whose: &str, field: impl Fn(&str) -> FieldPath) -> Finding {
    let Idle {
        option,
        switch,
        is_written,
    } = idle;
    let message = format!("{option}{whose} changes nothing: {switch} is off");
    if is_written {
        finding(field(option), message, field(switch), "off by this")
    } else {
        let finding = Finding::new(Code::RuleWithoutEffect, field(option), message);
        finding.help(format!("write `{switch} = true;`, or leave it out"))
    }
}
