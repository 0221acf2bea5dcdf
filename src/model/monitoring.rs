//! `network.monitoring.tailscale`: the settings of `tsctl`'s monitor.

use super::{Alerts, ExitNodeChoice, Failover, FileRef, Metrics, Probes};
use crate::net::{Percent, TimeSpan};

/// What the monitor measures and when it acts.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitoring {
    /// `profile`: which thresholds the host starts from.
    pub profile: MonitorProfile,
    /// `checkInterval` (the guide writes seconds; 30).
    pub check_interval: TimeSpan,
    /// `checkTimeout`: how long an answer is waited for.
    pub check_timeout: TimeSpan,
    /// `maxLatency` (the guide writes milliseconds; 200).
    pub max_latency: TimeSpan,
    /// `maxPacketLoss` (percent; 5).
    pub max_packet_loss: Percent,
    /// `failureThreshold`: consecutive bad checks before it acts (the guide's three).
    pub failure_threshold: u32,
    /// `recoveryThreshold`: consecutive good checks before it goes back.
    pub recovery_threshold: u32,
    /// `enableAutoFailover`: act, not only report.
    pub auto_failover: bool,
    /// `failover`: what it may do, and how eagerly.
    pub failover: Failover,
    /// `probes`: what it asks.
    pub probes: Probes,
    /// `exitNodes`: the exit nodes to move to, in order of preference.
    pub exit_nodes: Vec<ExitNodeChoice>,
    /// `alertEmail` and `alerts`: who is told of a failure.
    pub alerts: Alerts<FileRef>,
    /// `metrics`: how Prometheus gets at them.
    pub metrics: Metrics,
    /// `enableBenchmarks`: measure throughput regularly.
    pub benchmarks: bool,
    /// `benchmarkInterval`.
    pub benchmark_interval: TimeSpan,
}

/// A set of thresholds to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MonitorProfile {
    /// `"standard"`: the guide's. A failure is acted on after a minute and a half.
    Standard,
    /// `"fast"`: a failure is acted on within three seconds.
    Fast,
}
