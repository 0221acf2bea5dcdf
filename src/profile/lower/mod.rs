//! From what was written to the model: defaults, presets, and every fault that needs more than one value to see.

mod alerts;
mod dns;
mod failover;
mod host;
mod lint;
mod metrics;
mod monitoring;
mod probes;
mod proxy;
mod qos;
mod secrets;
mod service;
mod tailscale;
mod tuning;
mod upstream;
mod zone;
mod zone_limits;
mod zones;

use std::fmt::Display;

use crate::diagnostic::{Code, FieldPath, Finding, Findings};

pub(super) use host::{Written, host};
pub(super) use lint::lint;

/// Where the lowering of a host stands and where its findings go.
struct Scope<'a> {
    /// The host's root.
    at: FieldPath,
    findings: &'a mut Findings,
}

impl Scope<'_> {
    /// A path below the host's root.
    fn field(&self, dotted: &str) -> FieldPath {
        self.at.join(&FieldPath::of(dotted))
    }

    fn add(&mut self, finding: Finding) {
        self.findings.add(finding);
    }

    /// The value, or a finding at `field` with the reason why it was refused.
    fn accept<T, E: Display>(&mut self, result: Result<T, E>, field: &FieldPath) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(reason) => {
                self.add(Finding::new(Code::InvalidValue, field.clone(), reason.to_string()));
                None
            }
        }
    }

    /// Complains that `option` of the group at `group` is missing.
    fn missing(&mut self, group: &FieldPath, option: &str, why: &str, help: &str) {
        let message = format!("`{option}` is missing: {why}");
        self.add(Finding::new(Code::MissingValue, group.clone(), message).help(help));
    }

    /// Whether a group is on. One that is written but never enabled has no effect, which is worth saying.
    fn enabled(&mut self, enable: Option<bool>, written: bool, group: &str) -> bool {
        if enable.is_none() && written {
            let message = "this group has no effect, because it is not enabled";
            let finding = Finding::new(Code::GroupNotEnabled, self.field(group), message);
            self.add(finding.help(format!(
                "set `{group}.enable = true`, here or where the rest of the group is written"
            )));
        }
        enable.unwrap_or(false)
    }
}
