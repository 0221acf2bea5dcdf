//! The settings of `tsctl`'s monitor, as they lie on the host.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Alerts, ExitNodeChoice, Expected, Failover, Host, ManagementPath, ManagementService, Metrics, Probes};
use crate::net::{CredentialName, HostName, InterfaceName, Percent, PortRange, Prefix, TimeSpan, Transport};

/// What `tsctl` reads on the host (`/etc/tailwright/tsctl.json`). An interface between two programs that may be of different
/// ages: versioned, and unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonitorSettings {
    /// The version of this format.
    pub version: SettingsVersion,
    /// The host's name, for alerts.
    pub host: HostName,
    /// The tailnet's interface.
    pub interface: InterfaceName,
    /// Between two checks.
    pub check_interval: TimeSpan,
    /// How long an answer is waited for.
    pub check_timeout: TimeSpan,
    /// A check that takes longer is bad.
    pub max_latency: TimeSpan,
    /// More lost packets, in percent, are bad.
    pub max_packet_loss: Percent,
    /// Consecutive bad checks before the monitor acts.
    pub failure_threshold: u32,
    /// Consecutive good checks before it goes back.
    pub recovery_threshold: u32,
    /// Whether it acts at all, or only reports.
    pub auto_failover: bool,
    /// What it may do, and how eagerly.
    pub failover: Failover,
    /// What it asks.
    #[serde(default)]
    pub probes: Probes,
    /// Whether the host accepts routes of the tailnet while all is well.
    pub accept_routes: bool,
    /// Whether it reaches its local network while it uses an exit node.
    pub exit_node_lan_access: bool,
    /// The exit node that the host uses while all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_node: Option<ExitNodeChoice>,
    /// The exit nodes to move to, in order of preference.
    pub exit_nodes: Vec<ExitNodeChoice>,
    /// Who is told of a failure.
    #[serde(default, skip_serializing_if = "Alerts::is_empty")]
    pub alerts: Alerts<CredentialName>,
    /// How Prometheus gets at the metrics.
    #[serde(default, skip_serializing_if = "Metrics::is_empty")]
    pub metrics: Metrics,
    /// How often throughput is measured; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark_interval: Option<TimeSpan>,
    /// How the operator gets in: what no action may take away.
    pub management: Vec<Management>,
    /// What is to be found on the host.
    #[serde(default, skip_serializing_if = "Expected::is_empty")]
    pub expected: Expected,
}

/// A way by which the operator gets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Management {
    /// The interface that he comes in by.
    pub via: InterfaceName,
    /// The transport that he speaks.
    pub transport: Transport,
    /// The ports that he speaks to.
    pub ports: PortRange,
    /// Where he comes from, where it is narrower than everything behind the interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Prefix>,
}

/// The version of [`MonitorSettings`] that this program writes, and the only one that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SettingsVersion;

impl SettingsVersion {
    /// The number in the file.
    pub const NUMBER: u32 = 1;
}

impl Serialize for SettingsVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(Self::NUMBER)
    }
}

impl<'de> Deserialize<'de> for SettingsVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            Self::NUMBER => Ok(Self),
            other => Err(serde::de::Error::custom(format!(
                "the settings are of version {other}, and this program reads version {}: render them again, or update the program",
                Self::NUMBER
            ))),
        }
    }
}

impl MonitorSettings {
    /// The settings of a host; `None` where it is not monitored, or has no tailnet to monitor.
    pub fn of(host: &Host) -> Option<Self> {
        let monitoring = host.monitoring.as_ref()?;
        let tailscale = host.tailscale.as_ref()?;
        Some(Self {
            version: SettingsVersion,
            host: host.name.clone(),
            interface: tailscale.interface.clone(),
            check_interval: monitoring.check_interval,
            check_timeout: monitoring.check_timeout,
            max_latency: monitoring.max_latency,
            max_packet_loss: monitoring.max_packet_loss,
            failure_threshold: monitoring.failure_threshold,
            recovery_threshold: monitoring.recovery_threshold,
            auto_failover: monitoring.auto_failover,
            failover: monitoring.failover.clone(),
            probes: monitoring.probes.clone(),
            accept_routes: tailscale.accept_routes,
            exit_node_lan_access: tailscale.exit_node_allow_lan_access,
            exit_node: tailscale.use_exit_node.clone(),
            exit_nodes: monitoring.exit_nodes.clone(),
            alerts: monitoring.alerts.on_host(),
            metrics: monitoring.metrics.clone(),
            benchmark_interval: monitoring.benchmarks.then_some(monitoring.benchmark_interval),
            management: host
                .management
                .iter()
                .flat_map(|path| Management::of(host, path))
                .collect(),
            expected: Expected::of(host),
        })
    }
}

impl Management {
    /// A named service may have several ports.
    fn of(host: &Host, path: &ManagementPath) -> Vec<Self> {
        let ports = match &path.service {
            ManagementService::Port(transport, port) => vec![(*transport, PortRange::from(*port))],
            ManagementService::Named(name) => host.resolve_service(name).unwrap_or_default(),
        };
        ports
            .into_iter()
            .map(|(transport, ports)| Self {
                via: path.via.clone(),
                transport,
                ports,
                from: path.from,
            })
            .collect()
    }
}
