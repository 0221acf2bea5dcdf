//! `network.monitoring.tailscale.metrics`: how Prometheus gets at the metrics of the monitor.

use serde::{Deserialize, Serialize};

use crate::net::{LocalSocket, TextfilePath};

/// How Prometheus gets at the metrics, besides the monitor's own socket. On the host it lies in the settings of `tsctl` as it
/// is here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Metrics {
    /// `listen`: where they are served (`GET /metrics`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<LocalSocket>,
    /// `textfile`: the file that they are written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub textfile: Option<TextfilePath>,
}

impl Metrics {
    /// The directory that the monitor's unit makes for it (`RuntimeDirectory=`), and that everybody may read.
    pub const DIRECTORY: &'static str = "/run/tailwright-monitor";

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
