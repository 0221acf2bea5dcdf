//! The profile's own opinion on single codes.

use std::collections::BTreeMap;

use crate::diagnostic::{FieldPath, Finding, Findings, Kind, Place};
use crate::model::{Fleet, Host, Lint};

/// Applies `lint`: a host's own setting before the fleet's, and none to a code that is [`Kind::Fixed`].
pub(super) fn weigh(fleet: &Fleet, findings: &mut Findings) {
    if fleet.lint.0.is_empty() && fleet.hosts.values().all(|host| host.lint.0.is_empty()) {
        return;
    }
    let hosts: BTreeMap<&FieldPath, &Host> = fleet.hosts.values().map(|host| (&host.at, host)).collect();
    findings.retain_mut(|finding| {
        if finding.code.kind() == Kind::Fixed {
            return true;
        }
        let own = host_of(&hosts, finding).map(|host| &host.lint);
        let lint: &Lint = match own {
            Some(own) if own.0.contains_key(&finding.code) => own,
            _ => &fleet.lint,
        };
        match lint.weigh(finding.code, finding.severity) {
            Some(severity) => {
                finding.severity = severity;
                true
            }
            None => false,
        }
    });
}

/// The host whose fields the finding points at.
fn host_of<'a>(hosts: &BTreeMap<&FieldPath, &'a Host>, finding: &Finding) -> Option<&'a Host> {
    let path = finding.labels.iter().find_map(|label| match &label.place {
        Place::Field(path) | Place::Name(path) | Place::Refused(path, _) => Some(path),
        Place::Text(_) => None,
    });
    let mut candidate = path.cloned();
    while let Some(at) = candidate {
        if let Some(host) = hosts.get(&at) {
            return Some(host);
        }
        candidate = at.parent();
    }
    None
}
