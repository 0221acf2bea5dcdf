//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::show::{Reason, State};

/// What `tsctl doctor --json` prints. Times are in UTC (RFC 3339).
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl doctor")]
pub(super) struct Examined {
    /// When it was looked.
    pub(super) taken: String,
    /// How it is, all in all: down where a check says so, else degraded where one does, else `cannotTell` where one cannot
    /// tell, else good.
    pub(super) state: State,
    /// Whether it was root who looked: others may not look at everything.
    pub(super) root: bool,
    /// The checks, from the bottom up: what is explained by a failure comes after it.
    pub(super) checks: Vec<CheckSeen>,
}

/// What one check says.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckSeen {
    /// Its name, which never changes.
    pub(super) id: String,
    /// What it looks at.
    pub(super) title: String,
    /// How that is.
    pub(super) state: State,
    /// What was found, in a few words; null where there is nothing to say but the reasons.
    pub(super) found: Option<String>,
    /// What is not good, or cannot be told, and what to type about it.
    pub(super) reasons: Vec<Reason>,
}
