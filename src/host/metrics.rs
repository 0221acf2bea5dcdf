//! `tsctl metrics`: what Prometheus and Grafana are given.

use clap::Args;

use super::Streams;
use super::failure::Failure;
use super::status::Status;
use crate::monitor::metrics;

/// Print the alert rules for Prometheus, or the dashboard for Grafana
///
/// They are made from the same list as what is scraped (docs/metrics.md), and are the same on every host.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Metrics {
    /// The alert rules (YAML), for services.prometheus.ruleFiles
    #[arg(long)]
    rules: bool,
    /// The dashboard (JSON), for Grafana's provisioning or its import
    #[arg(long)]
    dashboard: bool,
}

impl Metrics {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let text = if self.rules {
            metrics::rules()
        } else {
            metrics::dashboard()
        };
        streams.out.write_all(text.as_bytes())?;
        Ok(Status::Success)
    }
}
