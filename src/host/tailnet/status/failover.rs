//! Where the monitor's failover stands, in short. `tsctl failover status` says all of it.

use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::failover::reasons::{not_answering, not_running, reasons_besides_tailscaled};
use crate::host::monitor::control::{self, Unreached};
use crate::host::show::{Reason, State};
use crate::monitor::Report;
use crate::monitor::failover::{Mode, Phase, Subject};

/// How long the monitor may take to answer: what tailscaled says is not kept waiting for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What shows more.
const MORE: &str = "tsctl failover status";

/// Where the monitor's failover stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailoverSeen {
    /// Why the monitor could not be asked, where it could not.
    pub(crate) unreached: Option<String>,
    /// Whether the monitor acts: neither `enableAutoFailover = false` nor a dry run.
    pub(crate) acts: bool,
    /// Whether moves are paused.
    pub(crate) paused: bool,
    /// What the monitor may change.
    pub(crate) subjects: Vec<Standing>,
}

/// Where one subject stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Standing {
    /// `exit node`, `routes`, `tunnel`, `service NAME`.
    pub(crate) subject: String,
    /// `home`, `waiting`, `moving`, `trial`, `away`, `stuck`, `overridden` (docs/failover.md).
    pub(crate) phase: String,
    /// What is in force.
    pub(crate) in_force: String,
    /// Whether it is shown to people: the exit node, and whatever is not as it is wanted.
    #[serde(skip)]
    pub(crate) matters: bool,
}

/// Asks the monitor below that directory; nothing where the host has none, and no settings for one.
pub(super) async fn ask(runtime: &Path, settings: &Path) -> Option<Result<Report, Unreached>> {
    let asked = control::report(runtime, PATIENCE).await;
    #[allow(clippy::disallowed_methods, reason = "only a host with settings has a monitor")]
    let has_settings = || std::fs::exists(settings).unwrap_or(true);
    (asked != Err(Unreached::Away) || has_settings()).then_some(asked)
}

/// What is shown of the answer.
pub(super) fn seen(asked: &Result<Report, Unreached>) -> FailoverSeen {
    match asked {
        Err(why) => FailoverSeen {
            unreached: Some(why.to_string()),
            acts: false,
            paused: false,
            subjects: Vec::new(),
        },
        Ok(report) => FailoverSeen {
            unreached: None,
            acts: report.mode == Mode::Act,
            paused: report.pause.is_some(),
            subjects: report
                .subjects
                .iter()
                .map(|about| Standing {
                    subject: about.subject.to_string(),
                    phase: about.phase.to_string(),
                    in_force: about.standing.to_string(),
                    matters: about.subject == Subject::ExitNode || about.phase != Phase::Home,
                })
                .collect(),
        },
    }
}

/// What is wrong with it.
pub(super) fn reasons(asked: &Result<Report, Unreached>) -> Vec<Reason> {
    let report = match asked {
        Ok(report) => report,
        Err(Unreached::Away) => return vec![not_running()],
        // This user may not ask: no fault of the node.
        Err(Unreached::Denied(said)) => {
            return vec![Reason::new(State::Good, said.as_str()).command(format!("sudo {MORE}"))];
        }
        Err(why @ (Unreached::Impossible(_) | Unreached::Silent(_))) => return vec![not_answering(why)],
    };
    reasons_besides_tailscaled(report)
}

impl FailoverSeen {
    /// In one line.
    pub(super) fn line(&self) -> String {
        if let Some(why) = &self.unreached {
            return why.clone();
        }
        let mut parts: Vec<String> = self
            .subjects
            .iter()
            .filter(|standing| standing.matters)
            .map(|standing| format!("{} ({})", standing.in_force, standing.phase))
            .collect();
        if parts.is_empty() {
            parts.push("as wanted".to_owned());
        }
        if !self.acts {
            parts.push("only reports".to_owned());
        }
        if self.paused {
            parts.push("paused".to_owned());
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests;
