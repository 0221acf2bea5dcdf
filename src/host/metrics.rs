//! `tsctl metrics`: what Prometheus and Grafana are given.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Streams;
use super::failover::reasons::START;
use super::failure::Failure;
use super::monitor::control::{self, RUNTIME_DIRECTORY, Unreached};
use super::status::Status;
use super::tailnet::socket_args::block_on;
use crate::monitor::metrics;

/// How long the monitor has for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Print the metrics of the monitor, alert rules for Prometheus, or a dashboard for Grafana
///
/// All of them are made from one list (docs/metrics.md). The rules and the dashboard are the same on every host. Prometheus itself
/// gets the metrics where network.monitoring.tailscale.metrics says.
#[derive(Debug, Args)]
pub(crate) struct Metrics {
    /// The alert rules (YAML), for services.prometheus.ruleFiles
    #[arg(long)]
    rules: bool,
    /// The dashboard (JSON), for Grafana's provisioning or its import
    #[arg(long, conflicts_with = "rules")]
    dashboard: bool,
    /// Where the monitor's socket is
    #[arg(long, value_name = "DIR", default_value = RUNTIME_DIRECTORY, hide = true)]
    runtime_dir: PathBuf,
}

impl Metrics {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let text = if self.rules {
            metrics::rules()
        } else if self.dashboard {
            metrics::dashboard()
        } else {
            let report = block_on(control::report(&self.runtime_dir, PATIENCE))?;
            let report = report.map_err(|unreached| {
                Failure::Unanswered(match unreached {
                    Unreached::Away => format!("{unreached}. Start it: {START}"),
                    _ => format!("{unreached}. Look at it: journalctl -u tailwright-monitor -n 50"),
                })
            })?;
            metrics::exposition(&report)
        };
        streams.out.write_all(text.as_bytes())?;
        Ok(Status::Success)
    }
}
